// What every peer's program does besides serving: it takes its options as JSON, says on which port it
// listens, and tells the benchmark what it has used when asked.

/** `{ rooms, clients, rateHz, bytes, … }`, see load/contender.ts. */
export const options = JSON.parse(process.argv[2] ?? "{}");

export function ready(port) {
	process.on("message", (ask) => {
		if (ask !== "usage") return;
		globalThis.gc?.();
		const { user, system } = process.cpuUsage();
		const { rss, heapUsed, external } = process.memoryUsage();
		const atMs = performance.now();
		process.send({ usage: { atMs, cpuMs: (user + system) / 1000, rss, heapUsed, external } });
	});
	process.on("disconnect", () => process.exit());
	process.send({ ready: port });
}
