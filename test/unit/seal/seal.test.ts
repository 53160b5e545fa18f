import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { type LogSink, Simulation } from "../../../protocol/abi/simulation.ts";
import { stateHash } from "../../../protocol/abi/state-hash.ts";
import { SeededRandom } from "../../../protocol/seeded-random.ts";
import { type Sealed, sealModule } from "../../../server/module/seal/seal-module.ts";
import { type FixtureName, moduleFile } from "../../fixtures/build-module.ts";
import { SealedInstance } from "../../hostile/modules/run-sealed.ts";
import { assemble } from "../../hostile/modules/villain.ts";

function sealed(bytes: Uint8Array): Sealed {
	const result = sealModule(bytes);
	if ("error" in result) throw new Error(`${result.error}: ${result.detail}`);
	return result;
}

async function rawGame(name: FixtureName): Promise<Uint8Array<ArrayBuffer>> {
	return new Uint8Array(await readFile(await moduleFile(name)));
}

const silent: LogSink = () => {};

function simulate(bytes: Uint8Array<ArrayBuffer>): Simulation {
	const made = Simulation.create(new WebAssembly.Module(bytes), silent);
	if ("error" in made) throw new Error(`${made.error}: ${made.detail}`);
	return made.simulation;
}

/** Plays a game with players that press at random; the state's hash and the fuel after each tick. */
function play(bytes: Uint8Array<ArrayBuffer>, ticks: number): { hash: string; fuel: number }[] {
	const simulation = simulate(bytes);
	simulation.fuelPerTick = 500_000_000;
	expect(simulation.init(5)).toBeNull();
	const random = new SeededRandom(9);
	const size = simulation.descriptor.input.size;
	const players = Math.min(simulation.descriptor.maxPlayers, 12);
	const log: { hash: string; fuel: number }[] = [];
	for (let tick = 0; tick < ticks; tick++) {
		const { inbox } = simulation;
		inbox.clear();
		for (let player = 0; player < players; player++) {
			if (tick === 0) inbox.join(player, `p${player}`);
			inbox.input(
				player,
				Uint8Array.from({ length: size }, () => random.below(2)),
				0,
				0,
			);
		}
		expect(simulation.tick(tick)).toBeNull();
		log.push({ hash: stateHash(simulation, tick + 1), fuel: simulation.fuelSpent });
	}
	return log;
}

describe("a sealed game", () => {
	it.each([
		["dots", 60],
		["arena", 300],
		["swarm", 12],
	] as const)(
		"%s does bit for bit what the raw one does, for the same fuel each time",
		async (name, ticks) => {
			const raw = await rawGame(name);
			const module = sealed(raw);
			const plain = play(raw, ticks);
			const first = play(module.sealed, ticks);
			expect(first.map(({ hash }) => hash)).toEqual(plain.map(({ hash }) => hash));
			expect(new Set(first.map(({ hash }) => hash)).size).toBe(ticks);
			expect(play(module.sealed, ticks)).toEqual(first);
			expect(Math.min(...first.map(({ fuel }) => fuel))).toBeGreaterThan(0);
		},
	);

	it("is the same bytes each time, and cannot be sealed twice", async () => {
		const raw = await rawGame("dots");
		const module = sealed(raw);
		expect(sealed(raw).sealed).toEqual(module.sealed);
		expect(sealModule(module.sealed)).toMatchObject({ error: "ERR_MODULE_EXPORT" });
	});

	it("grows by less than a quarter", async () => {
		for (const name of ["arena", "swarm"] as const) {
			const { facts } = sealed(await rawGame(name));
			expect(facts.sealedBytes / facts.rawBytes, name).toBeLessThan(1.25);
		}
	});

	it("leaves its input as it was", async () => {
		const raw = await rawGame("dots");
		const copy = raw.slice();
		sealed(raw);
		expect(raw).toEqual(copy);
	});
});

/** Equal for equal memories; comparing 64 KiB by `toEqual` takes a second. */
function digest(instance: SealedInstance): string {
	return createHash("sha256").update(instance.memory()).digest("hex");
}

const HEAD = `(module (memory (export "memory") 1 16)
	(func (export "hs_describe") (result i32) (i32.const 0))`;

/** Writes 0, 1, 2 … into memory for ever, and counts the writes in a global. */
const COUNTING = `${HEAD}
	(global $count (mut i32) (i32.const 0))
	(global $wide (mut i64) (i64.const -1))
	(global i32 (i32.const 7))
	(func (export "hs_tick") (result i32)
		(loop $again
			(i32.store (i32.shl (i32.and (global.get $count) (i32.const 0x3fff)) (i32.const 2)) (global.get $count))
			(global.set $count (i32.add (global.get $count) (i32.const 1)))
			(global.set $wide (i64.mul (global.get $wide) (i64.const 3)))
			(br $again))
		(i32.const 0)))`;

describe("fuel", () => {
	it("runs out at the same instruction each time, wherever that is", () => {
		const { sealed: bytes } = sealed(assemble(COUNTING));
		for (const budget of [50, 777, 10_000, 1_234_567]) {
			const runs = [0, 1].map(() => {
				const instance = new SealedInstance(bytes);
				const { thrown, fuel } = instance.run(budget);
				expect(thrown).toBeInstanceOf(WebAssembly.RuntimeError);
				expect(fuel).toBeLessThan(0);
				return { fuel, memory: digest(instance), values: instance.globals.map((g) => g.value) };
			});
			expect(runs[0]).toEqual(runs[1]);
		}
	});

	it("left over is not below zero after another trap", () => {
		const { sealed: bytes } = sealed(
			assemble(
				`${HEAD} (func (export "hs_tick") (result i32) (loop (unreachable)) (i32.const 0)))`,
			),
		);
		const { thrown, fuel } = new SealedInstance(bytes).run(1_000);
		expect(thrown?.message).toBe("unreachable");
		expect(fuel).toBeGreaterThanOrEqual(0);
	});

	it("is not spent on rows that a loop passes over", () => {
		const rule =
			"(i32.store offset=1024 (local.get $i) (i32.mul (local.get $i) (i32.load offset=4 (local.get $i))))";
		const { sealed: bytes } = sealed(
			assemble(`${HEAD} (func (export "hs_tick") (result i32) (local $i i32)
				(loop $next
					(block $skip
						(br_if $skip (i32.eqz (i32.load (i32.const 0))))
						${rule.repeat(40)})
					(br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
				(i32.const 0)))`),
		);
		const spent = (live: number) => {
			const instance = new SealedInstance(bytes);
			new Uint32Array(instance.exports.memory.buffer)[0] = live;
			const { fuel, thrown } = instance.run(10_000_000);
			expect(thrown).toBeNull();
			return 10_000_000 - fuel;
		};
		expect(spent(1)).toBeGreaterThan(10 * spent(0));
	});

	it("is charged for code in every place where code can stand, short or long", () => {
		const spent = (code: string): number => {
			const tick = `(func (export "hs_tick") (result i32) (local $i i32)
				(loop $next ${code}
					(br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
				(i32.const 0))`;
			const { sealed: bytes } = sealed(assemble(`${HEAD} ${tick})`));
			const { fuel, thrown } = new SealedInstance(bytes).run(100_000_000);
			expect(thrown).toBeNull();
			return 100_000_000 - fuel;
		};
		const no = "(i32.load (i32.const 64))";
		const yes = `(i32.eqz ${no})`;
		const places: Record<string, (code: string) => string> = {
			"in a block": (code) => `(block ${code})`,
			"in an arm": (code) => `(if ${yes} (then ${code}))`,
			"in the other arm": (code) => `(if ${no} (then (nop)) (else ${code}))`,
			"in both arms": (code) => `(if ${no} (then ${code}) (else ${code}))`,
			"behind a branch": (code) => `(block (br_if 0 ${no}) ${code})`,
			"behind a block that is left": (code) => `(block (block (br_if 1 ${no})) ${code})`,
			"behind an arm that leaves": (code) => `(block (if ${no} (then (br 1))) ${code})`,
			"behind a return": (code) => `(if ${no} (then (return (i32.const 1)))) ${code}`,
			"behind a branch table": (code) => `(block (block (br_table 0 1 ${no})) ${code})`,
			"behind many branches": (code) =>
				`(block ${`(br_if 0 ${no})`.repeat(9)} (if ${yes} (then (br_if 1 ${no}) ${code})))`,
			"in a loop in an arm": (code) => `(if ${yes} (then (loop ${code})))`,
		};
		for (const length of [1, 4, 30, 200]) {
			const code = "(i32.store (i32.const 0) (i32.mul (local.get $i) (local.get $i)))".repeat(
				length,
			);
			const plain = spent(code);
			for (const [place, put] of Object.entries(places)) {
				expect(spent(put(code)), `${length} ${place}`).toBeGreaterThanOrEqual(plain);
			}
		}
	});

	it("is charged for bulk operations by their length", () => {
		const { sealed: bytes } = sealed(
			assemble(`(module (import "hotstep" "log" (func $log (param i32 i32 i32)))
				${HEAD.replace("(module", "")}
				(func (export "log") (param i32) (call $log (i32.const 0) (i32.const 0) (local.get 0)))
				(func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))
				(func (export "copy") (param i32) (memory.copy (i32.const 8) (i32.const 0) (local.get 0)))
				(func (export "grow") (param i32) (drop (memory.grow (local.get 0))))
				(func (export "hs_tick") (result i32) (i32.const 0)))`),
		);
		const spent = (name: string, length: number): number =>
			2_000_000_000 - new SealedInstance(bytes).run(2_000_000_000, name, length).fuel;
		expect(spent("fill", 8_000) - spent("fill", 0)).toBe(1_000);
		expect(spent("copy", 8_000) - spent("copy", 0)).toBe(1_000);
		// the host's work for these, about a microsecond, does not depend on a length
		expect(spent("log", 0)).toBeGreaterThan(1_000);
		expect(spent("grow", 0)).toBeGreaterThan(1_000);
		expect(spent("grow", 3) - spent("grow", 0)).toBe(3 * (spent("grow", 1) - spent("grow", 0)));
		// lengths are unsigned: these are 4 GiB and 2^32 - 1 pages, and neither gives fuel back
		expect(spent("fill", -1)).toBeGreaterThan(500_000_000);
		expect(spent("grow", -1)).toBe(spent("grow", 16));
	});
});

describe("an image", () => {
	it("of memory and the exported globals is the whole state", () => {
		const { sealed: bytes, facts } = sealed(assemble(COUNTING));
		expect(facts.mutableGlobals).toEqual([
			{ index: 0, type: "i32" },
			{ index: 1, type: "i64" },
		]);
		const one = new SealedInstance(bytes);
		one.run(5_000);
		const memory = one.memory();
		const values = one.globals.map((global) => global.value);
		expect(values[0]).toBeGreaterThan(10);
		one.run(7_000);
		const after = { memory: digest(one), values: one.globals.map((g) => g.value) };
		expect(after.values).not.toEqual(values);
		const other = new SealedInstance(bytes);
		for (const instance of [one, other]) {
			new Uint8Array(instance.exports.memory.buffer).set(memory);
			instance.globals.forEach((global, i) => {
				global.value = values[i];
			});
			instance.run(7_000);
			expect(digest(instance)).toBe(after.memory);
			expect(instance.globals.map((g) => g.value)).toEqual(after.values);
		}
	});

	it("holds the depth of the stack, which a trap leaves behind", () => {
		const { sealed: bytes, facts } = sealed(
			assemble(`${HEAD}
				(func $down (param i32) (result i32)
					(if (i32.eqz (local.get 0)) (then (unreachable)))
					(return (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))))
				(func (export "down") (param i32) (drop (call $down (local.get 0))))
				(func (export "hs_tick") (result i32) (i32.const 0)))`),
		);
		expect(facts.recursive).toEqual([1]);
		const instance = new SealedInstance(bytes);
		const [depth] = instance.globals;
		const full = depth.value;
		expect(instance.run(10_000_000, "down", 100).thrown?.message).toBe("unreachable");
		expect(depth.value).toBeLessThan(full);
		depth.value = full;
		const thrown = instance.run(10_000_000, "down", 1_000_000).thrown;
		expect(thrown).toBeInstanceOf(WebAssembly.RuntimeError);
		expect(depth.value).toBeLessThan(0);
	});
});

describe("returns and branches", () => {
	it("out of loops, with several results, give back stack and fuel", () => {
		const { sealed: bytes } = sealed(
			assemble(`${HEAD}
				(func $pair (param $n i32) (result i32 i64)
					(loop $again
						(if (i32.eq (local.get $n) (i32.const 1)) (then (return (i32.const 10) (i64.const 20))))
						(if (i32.eq (local.get $n) (i32.const 2)) (then (br 2 (i32.const 30) (i64.const 40))))
						(if (i32.gt_u (local.get $n) (i32.const 90))
							(then (call $pair (i32.const 1)) (return)))
						(local.set $n (i32.sub (local.get $n) (i32.const 3)))
						(br_if $again (i32.gt_s (local.get $n) (i32.const 0))))
					(i32.const 50) (i64.const 60))
				(func (export "pair") (param i32) (result i32 i64) (call $pair (local.get 0)))
				(func (export "hs_tick") (result i32) (i32.const 0)))`),
		);
		const instance = new SealedInstance(bytes);
		const pair = instance.exports.pair as (n: number) => unknown;
		const [depth] = instance.globals;
		const full = depth.value;
		const fuel = instance.exports["hs:fuel"] as WebAssembly.Global;
		fuel.value = 1_000_000;
		expect([1, 2, 3, 4, 5, 91].map(pair)).toEqual([
			[10, 20n],
			[30, 40n],
			[50, 60n],
			[10, 20n],
			[30, 40n],
			[10, 20n],
		]);
		expect(depth.value).toBe(full);
		expect(fuel.value).toBeLessThan(1_000_000);
	});
});
