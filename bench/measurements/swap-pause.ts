import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createServer, type HotstepServer } from "../../server/index.ts";
import { LATENESS_BUCKETS_MS } from "../../server/room/room-counters.ts";
import { loadBuiltIn } from "../games.ts";
import { judge, type Measurement } from "../result.ts";

const BOTS = 3_000;
const ROOMS = 300;
const SECONDS = 16;

/** Ticks by lateness, of all rooms. */
function latenessOf({ directory }: HotstepServer): number[] {
	const sum = LATENESS_BUCKETS_MS.map(() => 0).concat(0);
	for (const { counters } of directory.rooms.values()) {
		counters.lateness.forEach((n, i) => {
			sum[i] += n;
		});
	}
	return sum;
}

/** Upper bound of the bucket that holds the 99th percentile of what came between two readings, ms. */
function p99Between(before: readonly number[], after: readonly number[]): number {
	const counts = after.map((n, i) => n - before[i]);
	const wanted = counts.reduce((a, b) => a + b, 0) * 0.99;
	let seen = 0;
	const bucket = counts.findIndex((n) => {
		seen += n;
		return seen >= wanted;
	});
	return LATENESS_BUCKETS_MS[bucket] ?? Number.POSITIVE_INFINITY;
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

async function untilConnected(server: HotstepServer): Promise<void> {
	for (let i = 0; i < 600; i++) {
		let players = 0;
		for (const room of server.directory.rooms.values()) players += room.population;
		if (players >= BOTS) return;
		await pause(100);
	}
}

export const swapPause: Measurement = {
	id: "swap-pause",
	about: "300 rooms with 3,000 bots get new rules: longest time that a room's change took",
	async run() {
		const dist = path.resolve(import.meta.dirname, "../..");
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-bench-"));
		const json = path.join(folder, "bots.json");
		const arena = await loadBuiltIn("arena");
		const descriptor = { ...arena.descriptor, maxPlayers: BOTS / ROOMS };
		const server = await createServer({ games: [{ ...arena, descriptor }] });
		const { port } = await server.listen(0);
		const bots = spawn(
			process.execPath,
			[
				path.join(dist, "server/cli.js"),
				...["bots", "--url", `ws://127.0.0.1:${port}`, "--game", "arena", "--json", json],
				...["--count", String(BOTS), "--seconds", String(SECONDS), "--rate", "300"],
			],
			{ stdio: "ignore" },
		);
		const ended = once(bots, "exit");
		await untilConnected(server);
		const start = latenessOf(server);
		await pause(4_000);
		const before = latenessOf(server);
		const v2 = new Uint8Array(await readFile(path.join(dist, "swaps/arena-v2.wasm")));
		const candidate = { bytes: v2, origin: "arena version 2", sourceMap: null };
		const deployed = await server.deployments.deploy("arena", candidate, "live");
		await pause(1_000);
		const after = latenessOf(server);
		await ended;
		const seen = JSON.parse(await readFile(json, "utf8"));
		const rooms = [...server.directory.rooms.values()];
		const sum = (of: (room: (typeof rooms)[number]) => number) =>
			rooms.reduce((total, room) => total + of(room), 0);
		const dropped = sum((room) => room.counters.droppedTicks);
		await server.close();
		await rm(folder, { recursive: true });
		if ("error" in deployed) throw new Error(`${deployed.error}: ${deployed.detail}`);
		return judge({
			id: this.id,
			value: deployed.maxPauseMs,
			unit: "ms",
			spread: 0,
			goal: 5,
			peers: [
				{
					name: "tick lateness p99 at most, before the swap",
					value: p99Between(start, before),
					unit: "ms",
				},
				{
					name: "tick lateness p99 at most, during it",
					value: p99Between(before, after),
					unit: "ms",
				},
				{ name: "rooms changed", value: deployed.swapped.length, unit: "" },
				{ name: "rooms refused", value: deployed.refused.length, unit: "" },
				{ name: "ticks dropped in all", value: dropped, unit: "" },
				{ name: "bots connected", value: seen.connected, unit: "" },
				{ name: "disconnects", value: seen.disconnects, unit: "" },
				{ name: "decode errors", value: seen.decodeErrors, unit: "" },
			],
		});
	},
};
