import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../../protocol/seeded-random.ts";
import {
	BALANCE_LIMITS,
	type BalanceState,
	type ChosenMove,
	chooseMove,
	NO_BALANCE,
	type WorkerLoad,
} from "../../../server/worker/hand-over/choose-move.ts";
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

type Chosen = ChosenMove & { readonly atMs: number };

/** Looks once a second and lets every move happen at once. */
function watch(
	start: readonly WorkerLoad[],
	seconds: number,
	change: (loads: WorkerLoad[], second: number) => WorkerLoad[] = (loads) => loads,
): { loads: WorkerLoad[]; moves: Chosen[] } {
	let loads = [...start];
	let state: BalanceState = NO_BALANCE;
	const moves: Chosen[] = [];
	for (let second = 0; second < seconds; second++) {
		loads = change(loads, second);
		const chosen = chooseMove(state, loads, second * 1_000);
		state = chosen.state;
		if (chosen.move === null) continue;
		moves.push({ ...chosen.move, atMs: second * 1_000 });
		loads = carryOut(loads, chosen.move);
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

describe("chooseMove", () => {
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

	it("counts lateness, whatever the CPU says, and moves nothing to where it is later", () => {
		const late = worker("a", [0.2, 0.2], { lateMs: 20 });
		expect(watch([late, worker("b", [])], 5).moves).toHaveLength(1);
		const busy = worker("a", [0.5, 0.4], { lateMs: 3 });
		expect(watch([busy, worker("b", [], { lateMs: 4 })], 20).moves).toEqual([]);
		const to = watch([busy, worker("b", [], { lateMs: 4 }), worker("c", [0.05])], 5).moves;
		expect(to.map((move) => move.to)).toEqual(["c"]);
	});

	it("moves nothing to where it would be as bad", () => {
		expect(watch([worker("a", [0.5, 0.4]), worker("b", [0.5, 0.35])], 60).moves).toEqual([]);
		expect(watch([worker("a", [0.95]), worker("b", [])], 60).moves).toEqual([]);
	});

	it("cools a worker of many small rooms too, and moves nothing when it is told not to", () => {
		const many = [worker("a", new Array(45).fill(0.02)), worker("b", [])];
		expect(watch(many, 120).loads[0]?.cpu).toBeLessThan(BALANCE_LIMITS.coolCpu);
		const hot: BalanceState = { ...NO_BALANCE, hotSinceMs: new Map([["a", 0]]) };
		expect(chooseMove(hot, many, 9_000).move).toMatchObject({ from: "a", to: "b" });
		expect(chooseMove(hot, many, 9_000, false).move).toBeNull();
	});

	it("empties a draining worker one room after the other, those last that could not go", () => {
		const draining = worker("a", new Array(5).fill(0.05), { isDraining: true });
		const full = worker("d", [], { takesRooms: false });
		const others = [worker("b", [0.2]), worker("c", [0.2]), full];
		const first = chooseMove(NO_BALANCE, [draining, ...others], 0);
		expect(first.move).toMatchObject({ room: "a0", from: "a", why: "drain" });
		// it stayed: the others go first, and it is not asked again at once
		const second = chooseMove(first.state, [draining, ...others], 10);
		expect(second.move?.room).toBe("a1");
		const alone = { ...draining, rooms: draining.rooms.slice(0, 1) };
		expect(chooseMove(second.state, [alone, ...others], 20).move).toBeNull();
		expect(chooseMove(second.state, [alone, ...others], 1_000).move?.room).toBe("a0");
		const moving = draining.rooms.map((room, i) => ({ ...room, isMoving: i === 2 }));
		const busy = chooseMove(NO_BALANCE, [{ ...draining, rooms: moving }, ...others], 0);
		expect(busy.move).toBeNull();
		const { loads, moves } = watch([draining, ...others], 6);
		expect(loads[0]?.rooms).toEqual([]);
		expect(new Set(moves.map(({ to }) => to))).toEqual(new Set(["b", "c"]));
		const nowhere = [draining, full, worker("e", [], { isDraining: true })];
		expect(chooseMove(NO_BALANCE, nowhere, 0).move).toBeNull();
	});

	it("comes to rest: no room moves to and fro, and the busiest worker never gets busier", () => {
		const share = fc.integer({ min: 1, max: 60 }).map((n) => n / 100);
		const shares = fc.array(fc.array(share, { maxLength: 8 }), { minLength: 2, maxLength: 5 });
		holds(
			fc.property(shares, (workers) => {
				const start = workers.map((rooms, i) => worker("abcde"[i], rooms));
				const { loads, moves } = watch(start, 400);
				const busiest = (all: readonly WorkerLoad[]): number =>
					Math.max(...all.map(({ cpu }) => cpu));
				expect(busiest(loads)).toBeLessThanOrEqual(busiest(start) + 1e-9);
				expect(moves.filter(({ atMs }) => atMs > 300_000)).toEqual([]);
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

/** A machine whose figures are a second old and noisy, whose moves take time and fail, and whose workers crash and are drained. */
class Machine {
	readonly moves: Chosen[] = [];
	private readonly random: SeededRandom;
	private readonly choose: typeof chooseMove;
	private readonly rooms = new Map<string, { cpu: number; at: string }>();
	private readonly workers = new Map<string, { isDraining: boolean; extraMs: number }>();
	private readonly seen = new Map<string, { cpu: number; lateMs: number }>();
	private moving: { move: Chosen; endsMs: number } | null = null;
	private state: BalanceState = NO_BALANCE;
	private lives = 0;

	constructor(seed: number, choose: typeof chooseMove) {
		this.random = new SeededRandom(seed);
		this.choose = choose;
		const count = 2 + this.random.below(3);
		for (let i = 0; i < count; i++) this.start();
		const names = [...this.workers.keys()];
		// everybody is where the first is: somebody has to go
		for (let i = 0; i < 4 + this.random.below(12); i++) {
			const at = this.random.chance(0.7) ? names[0] : this.random.pick(names);
			this.rooms.set(`r${i}`, { cpu: this.random.between(0.02, 0.25), at });
		}
	}

	/** @throws what a promise of the balance is broken by */
	run(seconds: number, isTroubled: boolean, fromMs: number): void {
		for (let second = 0; second < seconds; second++) {
			const nowMs = fromMs + second * 1_000;
			if (isTroubled && this.random.chance(0.02)) this.trouble();
			if (this.moving && nowMs >= this.moving.endsMs) this.end(isTroubled);
			this.look(nowMs);
			for (const name of this.workers.keys()) this.seen.set(name, this.measure(name, isTroubled));
		}
	}

	get drained(): boolean {
		const isAlone = [...this.workers.values()].every(({ isDraining }) => isDraining);
		return isAlone || [...this.rooms.values()].every(({ at }) => !this.workers.get(at)?.isDraining);
	}

	private start(): string {
		const name = `w${this.lives++}`;
		this.workers.set(name, { isDraining: false, extraMs: 0 });
		return name;
	}

	private trouble(): void {
		const name = this.random.pick([...this.workers.keys()]);
		const worker = this.workers.get(name);
		if (!worker) return;
		const what = this.random.below(3);
		if (what === 0) worker.isDraining = !worker.isDraining;
		else if (what === 1) worker.extraMs = this.random.chance(0.5) ? 30 : 0;
		else {
			// a crash: others have its rooms, and another life its place
			this.workers.delete(name);
			this.seen.delete(name);
			const heirs = [...this.workers.keys(), this.start()];
			for (const room of this.rooms.values()) {
				if (room.at === name) room.at = this.random.pick(heirs);
			}
			const { move } = this.moving ?? {};
			if (move?.from === name || move?.to === name) this.moving = null;
		}
	}

	private measure(name: string, isNoisy: boolean): { cpu: number; lateMs: number } {
		const cpu = [...this.rooms.values()]
			.filter(({ at }) => at === name)
			.reduce((sum, room) => sum + room.cpu, 0.02);
		const noise = isNoisy ? this.random.between(0.9, 1.1) : 1;
		const { extraMs = 0 } = this.workers.get(name) ?? {};
		return { cpu: Math.min(1, cpu) * noise, lateMs: (cpu > 1 ? 40 : 1) + extraMs };
	}

	private end(mayFail: boolean): void {
		const { move } = this.moving as { move: Chosen };
		this.moving = null;
		const room = this.rooms.get(move.room);
		if (room?.at === move.from && !(mayFail && this.random.chance(0.2))) room.at = move.to;
	}

	private look(nowMs: number): void {
		const loads: WorkerLoad[] = [...this.workers].map(([worker, { isDraining }]) => {
			const seen = this.seen.get(worker);
			const rooms = [...this.rooms].flatMap(([room, { at, cpu }]) =>
				at === worker ? [{ room, cpu, isMoving: this.moving?.move.room === room }] : [],
			);
			const { cpu = 0, lateMs = 0 } = seen ?? {};
			return { worker, cpu, lateMs, isDraining, takesRooms: seen !== undefined, rooms };
		});
		const { state, move } = this.choose(this.state, loads, nowMs);
		this.state = state;
		if (move) this.begin(move, loads, nowMs);
	}

	private begin(move: ChosenMove, loads: readonly WorkerLoad[], nowMs: number): void {
		const wrong = (what: string): never => {
			throw new Error(`${JSON.stringify({ ...move, nowMs })}: ${what}`);
		};
		const from = loads.find(({ worker }) => worker === move.from);
		const to = loads.find(({ worker }) => worker === move.to);
		if (this.moving) wrong("another room is on its way");
		if (!from || !to || from === to) return wrong("there is no such worker");
		if (!from.rooms.some(({ room }) => room === move.room)) wrong("it is not there");
		if (to.isDraining || !to.takesRooms) wrong("it takes no rooms");
		if (move.why === "drain" && !from.isDraining) wrong("nobody wants it empty");
		if (move.why === "balance") {
			if (to.lateMs > from.lateMs) wrong("it is later there");
			const last = this.moves.findLast(({ room }) => room === move.room);
			const isBack = last?.why === "balance" && last.from === move.to;
			if (isBack && nowMs - last.atMs < BALANCE_LIMITS.roomRestMs) wrong("it has just left there");
		}
		this.moves.push({ ...move, atMs: nowMs });
		this.moving = { move: { ...move, atMs: nowMs }, endsMs: nowMs + this.random.between(0, 3_000) };
	}
}

const RUNS = 400;
const TROUBLED_S = 200;
const CALM_S = 300;

function play(seed: number, choose: typeof chooseMove): number {
	const machine = new Machine(seed, choose);
	machine.run(TROUBLED_S, true, 0);
	machine.run(CALM_S, false, TROUBLED_S * 1_000);
	if (!machine.drained) throw new Error(`a drained worker has rooms (seed ${seed})`);
	const late = machine.moves.filter(({ atMs }) => atMs > (TROUBLED_S + CALM_S - 60) * 1_000);
	if (late.length > 0) throw new Error(`it does not settle (seed ${seed})`);
	return machine.moves.length;
}

/** Decisions with one rule broken each. */
const VARIANTS: Readonly<Record<string, typeof chooseMove>> = {
	"rooms go while others are on their way": (state, loads, nowMs) =>
		chooseMove(
			state,
			loads.map((load) => ({
				...load,
				rooms: load.rooms.map((room) => ({ ...room, isMoving: false })),
			})),
			nowMs,
		),
	"drained workers take rooms": (state, loads, nowMs) => {
		const chosen = chooseMove(state, loads, nowMs);
		const to = loads.find(({ isDraining, worker }) => isDraining && worker !== chosen.move?.from);
		return chosen.move && to ? { ...chosen, move: { ...chosen.move, to: to.worker } } : chosen;
	},
	"a worker that has said nothing yet takes rooms": (state, loads, nowMs) =>
		chooseMove(
			state,
			loads.map((load) => ({ ...load, takesRooms: true })),
			nowMs,
		),
	"lateness counts for nothing": (state, loads, nowMs) =>
		chooseMove(
			state,
			loads.map((load) => ({ ...load, lateMs: 0 })),
			nowMs,
		),
	"nothing is remembered but who is hot": (state, loads, nowMs) => {
		const chosen = chooseMove({ ...NO_BALANCE, hotSinceMs: state.hotSinceMs }, loads, nowMs);
		const [move] = loads.flatMap(({ worker: from, cpu, rooms, isDraining }) =>
			loads
				.filter((to) => to.takesRooms && !to.isDraining && !isDraining && to.cpu < cpu - 0.02)
				.filter((to) => to.worker !== from && rooms.every(({ isMoving }) => !isMoving))
				.flatMap((to) =>
					rooms.slice(0, 1).map(({ room }) => {
						return { room, from, to: to.worker, why: "balance" as const };
					}),
				),
		);
		const isBusy = loads.some(({ rooms }) => rooms.some(({ isMoving }) => isMoving));
		return isBusy ? chosen : { ...chosen, move: chosen.move ?? move ?? null };
	},
	"nobody leaves a drained worker": (state, loads, nowMs) => {
		const chosen = chooseMove(state, loads, nowMs);
		return chosen.move?.why === "drain" ? { ...chosen, move: null } : chosen;
	},
};

describe("a machine in random trouble", () => {
	it("never moves two rooms at once, or to whoever must not have them, and settles", () => {
		let moves = 0;
		for (let seed = 1; seed <= RUNS; seed++) moves += play(seed, chooseMove);
		expect(moves).toBeGreaterThan(3 * RUNS);
	});

	it.each(Object.entries(VARIANTS))("notices that %s", (_, choose) => {
		let noticed = "";
		for (let seed = 1; seed <= RUNS && noticed === ""; seed++) {
			try {
				play(seed, choose);
			} catch (thrown) {
				noticed = (thrown as Error).message;
			}
		}
		expect(noticed).not.toBe("");
	});
});
