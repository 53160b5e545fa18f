import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	BALANCE_LIMITS,
	type BalanceState,
	type ChosenMove,
	chooseMoves,
	NO_BALANCE,
	type WorkerLoad,
} from "../../../server/worker/hand-over/choose-moves.ts";
import { holds } from "../../support/holds.ts";

/** A worker with rooms of these shares of a core. */
function worker(
	name: string,
	shares: readonly number[],
	more: Partial<WorkerLoad> = {},
): WorkerLoad {
	const rooms = shares.map((cpu, i) => ({ room: `${name}${i}`, cpu, isMoving: false }));
	const cpu = shares.reduce((sum, share) => sum + share, 0);
	return { worker: name, cpu, lateMs: 1, isDraining: false, takesRooms: true, rooms, ...more };
}

/** Looks once a second and lets every move happen at once. */
function watch(
	start: readonly WorkerLoad[],
	seconds: number,
	change: (loads: WorkerLoad[], second: number) => WorkerLoad[] = (loads) => loads,
): { loads: WorkerLoad[]; moves: (ChosenMove & { atMs: number })[] } {
	let loads = [...start];
	let state: BalanceState = NO_BALANCE;
	const moves: (ChosenMove & { atMs: number })[] = [];
	for (let second = 0; second < seconds; second++) {
		loads = change(loads, second);
		const chosen = chooseMoves(state, loads, second * 1_000);
		state = chosen.state;
		for (const move of chosen.moves) {
			moves.push({ ...move, atMs: second * 1_000 });
			loads = carryOut(loads, move);
		}
	}
	return { loads, moves };
}

function carryOut(
	loads: readonly WorkerLoad[],
	{ room: name, from, to }: ChosenMove,
): WorkerLoad[] {
	const room = loads.flatMap(({ rooms }) => rooms).find((one) => one.room === name);
	if (!room) throw new Error(`no room ${name}`);
	return loads.map((load) => {
		if (load.worker === from) {
			const rooms = load.rooms.filter((one) => one !== room);
			return { ...load, cpu: load.cpu - room.cpu, rooms };
		}
		if (load.worker !== to) return load;
		return { ...load, cpu: load.cpu + room.cpu, rooms: [...load.rooms, room] };
	});
}

describe("chooseMoves", () => {
	it("moves the room that brings a hot worker and the idlest one nearest to each other", () => {
		const { moves } = watch(
			[worker("a", [0.5, 0.3, 0.1]), worker("b", [0.4]), worker("c", [0.2])],
			8,
		);
		expect(moves).toEqual([{ room: "a1", from: "a", to: "c", why: "balance", atMs: 3_000 }]);
	});

	it("leaves a worker alone that was hot for a moment only", () => {
		const burst = (loads: WorkerLoad[], second: number): WorkerLoad[] =>
			loads.map((load) =>
				load.worker === "a" ? { ...load, cpu: second === 2 ? 0.95 : 0.6 } : load,
			);
		expect(watch([worker("a", [0.3, 0.3]), worker("b", [])], 20, burst).moves).toEqual([]);
	});

	it("counts lateness, whatever the CPU says", () => {
		const late = worker("a", [0.2, 0.2], { lateMs: 20 });
		expect(watch([late, worker("b", [])], 5).moves).toHaveLength(1);
	});

	it("moves nothing to where it would be as bad", () => {
		expect(watch([worker("a", [0.5, 0.4]), worker("b", [0.5, 0.35])], 60).moves).toEqual([]);
		expect(watch([worker("a", [0.95]), worker("b", [])], 60).moves).toEqual([]);
	});

	it("empties a draining worker a few rooms at a time, onto all others", () => {
		const draining = worker("a", new Array(10).fill(0.05), { isDraining: true });
		const full = worker("d", [], { takesRooms: false });
		const others = [worker("b", [0.2]), worker("c", [0.2]), full];
		const first = chooseMoves(NO_BALANCE, [draining, ...others], 0);
		expect(first.moves).toHaveLength(BALANCE_LIMITS.drainAtOnce);
		expect(new Set(first.moves.map(({ to }) => to))).toEqual(new Set(["b", "c"]));
		const moving = draining.rooms.map((room, i) => ({ ...room, isMoving: i < 3 }));
		const next = chooseMoves(first.state, [{ ...draining, rooms: moving }, ...others], 1_000);
		expect(next.moves.map(({ room }) => room)).toEqual(["a3"]);
		const { loads } = watch([draining, ...others], 3);
		expect(loads[0]?.rooms).toEqual([]);
		expect(chooseMoves(NO_BALANCE, [draining, full], 0).moves).toEqual([]);
	});

	it("comes to rest: no room moves to and fro, and the busiest worker never gets busier", () => {
		const share = fc.integer({ min: 1, max: 60 }).map((n) => n / 100);
		const shares = fc.array(fc.array(share, { maxLength: 8 }), { minLength: 2, maxLength: 5 });
		holds(
			fc.property(shares, (workers) => {
				const start = workers.map((rooms, i) => worker("abcde"[i], rooms));
				const { loads, moves } = watch(start, 300);
				const busiest = (all: readonly WorkerLoad[]): number =>
					Math.max(...all.map(({ cpu }) => cpu));
				expect(busiest(loads)).toBeLessThanOrEqual(busiest(start) + 1e-9);
				expect(moves.filter(({ atMs }) => atMs > 200_000)).toEqual([]);
				const lastMs = new Map<string, number>();
				for (const { room, atMs } of moves) {
					expect(atMs - (lastMs.get(room) ?? -1e9)).toBeGreaterThan(BALANCE_LIMITS.roomRestMs - 1);
					lastMs.set(room, atMs);
				}
			}),
			100,
		);
	});
});
