import { execFileSync } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { moduleFile } from "../../fixtures/build-module.ts";

const root = path.resolve(import.meta.dirname, "../../..");

/**
 * Runs ticks in a process of its own and gives the bytes of heap that each took, once everything is
 * compiled: young space is so large that nothing is collected in between.
 */
async function bytesPerTick(game: string, players: number, ticks: number): Promise<number> {
	const file = await moduleFile(game as "arena");
	const script = `
		const { loadGame } = await import("${root}/dist/server/module/game-module.js");
		const { Room } = await import("${root}/dist/server/room/room.js");
		const game = await loadGame(${JSON.stringify(file)});
		let ms = 0;
		const room = new Room({ id: "r", game, clock: { now: () => ms }, seed: 5 });
		const sink = { isBusy: false, send() {}, sendShared() {}, drop() {} };
		const players = Array.from({ length: ${players} }, (_, i) => room.join(sink, "p" + i));
		const acks = players.map(() => ({ type: "input", ackTick: 0, tick: 0, inputs: new Uint8Array(0) }));
		const run = (n) => {
			for (let i = 0; i < n; i++) {
				room.runTick();
				for (let p = 0; p < players.length; p++) {
					acks[p].ackTick = players[p].sentTick < 0 ? 0 : players[p].sentTick;
					room.receiveInput(players[p], acks[p]);
				}
			}
		};
		run(3000);
		gc();
		const before = process.memoryUsage().heapUsed;
		run(${ticks});
		console.log((process.memoryUsage().heapUsed - before) / ${ticks});
	`;
	const output = execFileSync(
		process.execPath,
		["--expose-gc", "--max-semi-space-size=256", "--input-type=module", "-e", script],
		{ encoding: "utf8" },
	);
	return Number(output.trim());
}

describe("a tick and its encoding", () => {
	it("allocate nothing that grows with entities or clients", async () => {
		const alone = await bytesPerTick("arena", 1, 1200);
		const full = await bytesPerTick("arena", 64, 1200);
		const crowd = await bytesPerTick("swarm", 1, 300);
		console.log(
			`heap bytes per tick: arena with 1 player ${alone}, with 64 ${full}; swarm ${crowd}`,
		);
		// 63 more players, their ships and bullets: far less than one small object for each
		expect(full - alone).toBeLessThan(63 * 16);
		// 10,000 agents, all moving
		expect(crowd - alone).toBeLessThan(2_000);
	}, 120_000);
});
