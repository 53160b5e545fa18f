import { describe, expect, it } from "vitest";
import * as rules from "../../../game-logic/arena/constants.ts";
import { Arena, duel } from "../../support/arena.ts";

/** Keys that change now and then, the same for the same seed. */
function randomKeys(seed: number): (arena: Arena, players: number) => void {
	let state = seed >>> 0;
	const next = () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 32;
	};
	return (arena, players) => {
		for (let player = 0; player < players; player++) {
			if (next() > 0.05) continue;
			const turn = Math.floor(next() * 255) - 127;
			arena.hold(player, { turn, thrust: next() < 0.7, fire: next() < 0.6, laser: next() < 0.3 });
		}
	};
}

describe("a ship", () => {
	it("is there once per player, inside the world, whole and protected", () => {
		const arena = new Arena();
		arena.join(7);
		arena.run(1);
		arena.join(7);
		arena.run(1);
		expect(arena.rows("ship")).toHaveLength(1);
		const [row] = arena.rows("ship");
		expect(arena.get("ship", row, "player")).toBe(7);
		expect(arena.get("ship", row, "shield")).toBe(rules.SHIELD_FULL);
		expect(arena.get("ship", row, "flags")).toBe(rules.FLAG_PROTECTED);
		expect(arena.get("ship", row, "x")).toBeGreaterThan(rules.SHIP_RADIUS);
		expect(arena.get("ship", row, "x")).toBeLessThan(rules.WORLD - rules.SHIP_RADIUS);
	});

	it("goes with its bullets when its player leaves", () => {
		const arena = duel();
		arena.hold(0, { fire: true });
		arena.hold(1, { fire: true });
		arena.run(1);
		expect(arena.rows("bullet")).toHaveLength(2);
		arena.leave(0);
		arena.run(1);
		expect(arena.rows("ship").map((row) => arena.get("ship", row, "player"))).toEqual([1]);
		expect(arena.rows("bullet").map((row) => arena.get("bullet", row, "shooter"))).toEqual([1]);
	});

	it("speeds up along its angle, up to the top speed, and says that it thrusts", () => {
		const arena = Arena.empty(1);
		const angle = 0.6;
		arena.put("ship", 0, { x: 200, y: 200, angle, vx: 0, vy: 0 });
		arena.hold(0, { thrust: true });
		arena.run(1);
		expect(arena.get("ship", 0, "flags")).toBe(rules.FLAG_THRUST);
		const [vx, vy] = [arena.get("ship", 0, "vx"), arena.get("ship", 0, "vy")];
		expect(Math.hypot(vx, vy)).toBeCloseTo(rules.SHIP_THRUST / 60, 3);
		expect(Math.atan2(vy, vx)).toBeCloseTo(angle, 5);
		arena.run(120);
		const speed = Math.hypot(arena.get("ship", 0, "vx"), arena.get("ship", 0, "vy"));
		expect(speed).toBeLessThanOrEqual(rules.SHIP_TOP_SPEED + 0.01);
		expect(speed).toBeGreaterThan(rules.SHIP_TOP_SPEED * 0.95);
		arena.hold(0, {});
		arena.run(60);
		expect(arena.get("ship", 0, "flags")).toBe(0);
		const slower = Math.hypot(arena.get("ship", 0, "vx"), arena.get("ship", 0, "vy"));
		expect(slower / speed).toBeCloseTo(Math.exp(-rules.SHIP_DRAG), 2);
	});

	it("turns towards +y with a positive turn, and its angle stays within one turn", () => {
		const arena = Arena.empty(1);
		arena.put("ship", 0, { angle: 1 });
		arena.hold(0, { turn: 127 });
		arena.run(30);
		expect(arena.get("ship", 0, "angle")).toBeCloseTo(1 + rules.SHIP_TURN / 2, 4);
		arena.hold(0, { turn: -128 });
		arena.run(60);
		const angle = 1 - rules.SHIP_TURN / 2 + 2 * Math.PI;
		expect(arena.get("ship", 0, "angle")).toBeCloseTo(angle, 4);
	});

	it("is thrown back by the walls", () => {
		const arena = Arena.empty(1);
		arena.put("ship", 0, { x: rules.WORLD - 20, y: 30, vx: 300, vy: -300 });
		arena.run(10);
		expect(arena.get("ship", 0, "vx")).toBeLessThan(0);
		expect(arena.get("ship", 0, "vy")).toBeGreaterThan(0);
		expect(arena.get("ship", 0, "x")).toBeLessThanOrEqual(rules.WORLD - rules.SHIP_RADIUS);
		expect(arena.get("ship", 0, "y")).toBeGreaterThanOrEqual(rules.SHIP_RADIUS);
	});

	it("regains shield slowly, and never more than it had", () => {
		const arena = Arena.empty(1);
		arena.put("ship", 0, { shield: 90 });
		arena.run(rules.REGEN_TICKS * 4);
		expect(arena.get("ship", 0, "shield")).toBe(94);
		arena.run(rules.REGEN_TICKS * 20);
		expect(arena.get("ship", 0, "shield")).toBe(rules.SHIELD_FULL);
	});
});

describe("a bullet", () => {
	it("flies straight on the lattice of positions, so that a delta need not mention it", () => {
		const arena = Arena.empty(1);
		arena.put("ship", 0, { x: 500, y: 500, angle: 0.77 });
		arena.hold(0, { fire: true });
		arena.run(1);
		arena.hold(0, {});
		const steps = (column: string) => arena.get("bullet", 0, column) / rules.POSITION_STEP;
		const ways = new Set<string>();
		let [x, y] = [steps("x"), steps("y")];
		for (let n = 0; n < 40; n++) {
			arena.run(1);
			expect([steps("x") % 1, steps("y") % 1]).toEqual([0, 0]);
			ways.add(`${steps("x") - x} ${steps("y") - y}`);
			[x, y] = [steps("x"), steps("y")];
		}
		expect(ways.size).toBe(1);
		const [dx, dy] = [...ways][0].split(" ").map(Number);
		expect(Math.hypot(dx, dy) * rules.POSITION_STEP * 60).toBeCloseTo(rules.BULLET_SPEED, -1);
		expect(Math.atan2(dy, dx)).toBeCloseTo(0.77, 2);
	});

	it("leaves the gun once per reload and is gone after its time, or outside the world", () => {
		const arena = Arena.empty(1);
		arena.put("ship", 0, { x: 1000, y: 1000, angle: 0 });
		arena.hold(0, { fire: true });
		arena.run(rules.RELOAD_TICKS * 3);
		expect(arena.rows("bullet")).toHaveLength(3);
		arena.hold(0, {});
		arena.run(rules.BULLET_TICKS - rules.RELOAD_TICKS - 1);
		expect(arena.rows("bullet")).toHaveLength(1);
		arena.run(2);
		expect(arena.rows("bullet")).toHaveLength(0);
		arena.put("ship", 0, { x: rules.WORLD - 40 });
		arena.hold(0, { fire: true });
		arena.run(1);
		arena.hold(0, {});
		arena.run(4);
		expect(arena.rows("bullet")).toHaveLength(0);
	});

	it("takes shield, and after four of them the ship is dead and the shooter has the score", () => {
		const arena = duel();
		arena.hold(0, { fire: true });
		arena.run(20);
		expect(arena.named("hit")).toHaveLength(1);
		expect(arena.named("hit")[0].near).toBe(true);
		const { x, y } = arena.named("hit")[0].fields;
		expect(Math.hypot(x - 1000, y - 1000)).toBeLessThan(rules.SHIP_RADIUS + rules.BULLET_RADIUS);
		const regained = 20 / rules.REGEN_TICKS;
		const left = rules.SHIELD_FULL - rules.BULLET_DAMAGE;
		expect(Math.abs(arena.get("ship", 1, "shield") - left)).toBeLessThanOrEqual(regained);
		expect(arena.get("ship", 0, "shield")).toBe(rules.SHIELD_FULL);
		arena.run(60);
		expect(arena.named("kill").map(({ fields }) => fields)).toEqual([
			{ killer: 0, victim: 1, x: 1000, y: 1000 },
		]);
		expect(arena.named("explosion")[0].fields.size).toBe(rules.EXPLOSION_SHIP);
		expect(arena.get("ship", 1, "flags")).toBe(rules.FLAG_DEAD);
		expect(arena.get("ship", 0, "score")).toBe(rules.SCORE_KILL);
		expect(arena.get("ship", 1, "score")).toBe(0);
	});

	it("does nothing to a protected ship, until that ship fires itself", () => {
		const arena = duel();
		arena.put("ship", 1, { flags: rules.FLAG_PROTECTED, timer: 1000, angle: Math.PI / 2 });
		arena.hold(0, { fire: true });
		arena.run(60);
		expect(arena.named("hit").length).toBeGreaterThan(2);
		expect(arena.get("ship", 1, "shield")).toBe(rules.SHIELD_FULL);
		arena.hold(1, { fire: true });
		arena.run(20);
		expect(arena.get("ship", 1, "flags")).toBe(0);
		expect(arena.get("ship", 1, "shield")).toBeLessThan(rules.SHIELD_FULL);
	});

	it("flies through the ship that fired it", () => {
		const arena = Arena.empty(1);
		arena.put("ship", 0, { x: 500, y: 500, angle: 0 });
		arena.hold(0, { fire: true });
		arena.run(1);
		arena.hold(0, {});
		arena.put("ship", 0, { x: arena.get("bullet", 0, "x") });
		arena.run(1);
		expect(arena.named("hit")).toEqual([]);
		expect(arena.rows("bullet")).toHaveLength(1);
	});

	it("never traps for want of a row: a full table costs the shot only", () => {
		const arena = Arena.empty(64);
		for (const row of arena.rows("ship")) {
			arena.put("ship", row, { x: 180 + (row % 8) * 240, y: 180 + (row >> 3) * 240, angle: 0 });
			arena.hold(row, { fire: true });
		}
		for (let n = 0; n < 12; n++) {
			for (const row of arena.rows("ship")) arena.put("ship", row, { reload: 0 });
			arena.run(1);
			expect(arena.rows("bullet")).toHaveLength(Math.min(64 * (n + 1), 512));
		}
	});
});

describe("a dead ship", () => {
	it("is not hit, does not obey, and comes back whole, protected and elsewhere", () => {
		const arena = duel();
		arena.put("ship", 1, { shield: 1 });
		arena.hold(0, { fire: true });
		arena.hold(1, { thrust: true, fire: true, turn: 100 });
		while (arena.get("ship", 1, "flags") !== rules.FLAG_DEAD) arena.run(1);
		const diedAt = arena.tick;
		const [x, angle] = [arena.get("ship", 1, "x"), arena.get("ship", 1, "angle")];
		arena.run(60);
		expect(arena.named("hit")).toEqual([]);
		expect(arena.get("ship", 1, "x")).toBe(x);
		expect(arena.get("ship", 1, "angle")).toBe(angle);
		arena.hold(0, {});
		arena.hold(1, {});
		arena.run(diedAt + rules.RESPAWN_TICKS - arena.tick - 2);
		expect(arena.get("ship", 1, "flags")).toBe(rules.FLAG_DEAD);
		expect(arena.get("ship", 1, "x")).toBe(x);
		expect(arena.get("ship", 1, "jumpCount")).toBe(0);
		arena.run(1);
		expect(arena.get("ship", 1, "flags")).toBe(rules.FLAG_PROTECTED);
		expect(Math.abs(arena.get("ship", 1, "x") - x)).toBeGreaterThan(1);
		expect(arena.get("ship", 1, "jumpCount")).toBe(1);
		expect(arena.get("ship", 1, "shield")).toBe(rules.SHIELD_FULL);
		arena.run(rules.PROTECT_TICKS);
		expect(arena.get("ship", 1, "flags")).toBe(0);
	});
});

describe("an asteroid", () => {
	it("splits into two, twice, then is gone, and each shot scores", () => {
		const arena = Arena.empty(1);
		for (const [size, score] of [
			[3, 1],
			[2, 2],
			[1, 3],
		]) {
			for (const row of arena.rows("asteroid")) arena.table("asteroid").gen[row] = 0;
			arena.put("ship", 0, { x: 800, y: 1000, angle: 0, score: 0, reload: 0, vx: 0, vy: 0 });
			arena.putAsteroid({ size, x: 950, y: 1000 });
			arena.hold(0, { fire: true });
			arena.run(1);
			arena.hold(0, {});
			arena.run(14);
			expect(arena.named("explosion").map(({ fields }) => fields.size)).toEqual([size]);
			expect(arena.get("ship", 0, "score")).toBe(score);
			const sizes = arena.rows("asteroid").map((row) => arena.get("asteroid", row, "size"));
			expect(sizes).toEqual(size === 1 ? [] : [size - 1, size - 1]);
		}
	});

	it("throws back the ship that runs into it, takes its shield, and keeps its own course", () => {
		const arena = Arena.empty(1);
		arena.put("ship", 0, { x: 800, y: 1000, vx: 320, vy: 0 });
		arena.putAsteroid({ x: 900, y: 1000, dx: 0.25, dy: 0 });
		arena.run(20);
		expect(arena.get("ship", 0, "vx")).toBeLessThan(0);
		expect(arena.get("ship", 0, "shield")).toBeLessThan(rules.SHIELD_FULL - 10);
		expect(arena.get("asteroid", 0, "x")).toBe(905);
		expect(arena.get("asteroid", 0, "y")).toBe(1000);
	});

	it("kills nobody's ship for nobody", () => {
		const arena = Arena.empty(1);
		arena.put("ship", 0, { x: 800, y: 1000, vx: 320, vy: 0, shield: 5 });
		arena.putAsteroid({ x: 900, y: 1000 });
		arena.run(20);
		expect(arena.named("kill")[0].fields).toMatchObject({ killer: rules.NOBODY, victim: 0 });
		expect(arena.get("ship", 0, "score")).toBe(0);
	});

	it("turns back at each wall", () => {
		const arena = Arena.empty(1);
		for (const [axis, way] of [
			["x", -1],
			["x", 1],
			["y", -1],
			["y", 1],
		] as const) {
			const at = rules.WORLD / 2 + way * (rules.WORLD / 2 - 60);
			arena.putAsteroid({ x: 1000, y: 1000, [axis]: at, [`d${axis}`]: way });
			arena.run(40);
			// 12 ticks there, one at the wall, 27 back
			expect(arena.get("asteroid", 0, axis), `${axis} ${way}`).toBe(at - way * 15);
		}
	});

	it("stays inside the walls and on the lattice", () => {
		const arena = new Arena();
		for (let n = 0; n < 3000; n++) {
			arena.run(1);
			for (const row of arena.rows("asteroid")) {
				const radius = arena.get("asteroid", row, "size") * rules.ASTEROID_RADIUS_PER_SIZE;
				for (const axis of ["x", "y"]) {
					const at = arena.get("asteroid", row, axis);
					if (at < radius || at > rules.WORLD - radius || (at / rules.POSITION_STEP) % 1 !== 0) {
						expect.fail(`tick ${arena.tick}: asteroid ${row} at ${axis} ${at}`);
					}
				}
			}
		}
	});

	it("is replaced in time when there are few", () => {
		const arena = Arena.empty(1);
		expect(arena.rows("asteroid")).toHaveLength(0);
		arena.run(60 * 30);
		expect(arena.rows("asteroid").length).toBeGreaterThan(15);
		arena.run(60 * 30);
		expect(arena.rows("asteroid").length).toBeLessThanOrEqual(24);
	});
});

describe("two ships", () => {
	it("part again when they run into each other, and both pay", () => {
		const arena = duel();
		arena.put("ship", 0, { vx: 300 });
		arena.put("ship", 1, { vx: -300 });
		arena.run(30);
		expect(arena.get("ship", 0, "vx")).toBeLessThan(0);
		expect(arena.get("ship", 1, "vx")).toBeGreaterThan(0);
		expect(arena.get("ship", 0, "shield")).toBeLessThan(70);
		expect(arena.get("ship", 1, "shield")).toBe(arena.get("ship", 0, "shield"));
	});

	it("that overlap are pushed apart, wherever in the world they are", () => {
		const far = rules.WORLD - rules.SHIP_RADIUS;
		for (const x of [rules.SHIP_RADIUS, 121, 128, 1000, far - 12]) {
			for (const y of [rules.SHIP_RADIUS, 128, 1500, far]) {
				const arena = Arena.empty(2);
				arena.put("ship", 0, { x, y, vx: 0, vy: 0 });
				arena.put("ship", 1, { x: x + 12, y, vx: 0, vy: 0 });
				arena.run(8);
				const apart = arena.get("ship", 1, "x") - arena.get("ship", 0, "x");
				expect(apart, `at ${x}, ${y}`).toBeGreaterThan(2 * rules.SHIP_RADIUS - 0.1);
				expect(arena.get("ship", 1, "y")).toBe(y);
			}
		}
	});

	it("pass through each other when one is dead", () => {
		const arena = duel();
		arena.put("ship", 0, { vx: 300 });
		arena.put("ship", 1, { flags: rules.FLAG_DEAD, timer: 100 });
		arena.run(60);
		expect(arena.get("ship", 0, "x")).toBeGreaterThan(1000);
		expect(arena.get("ship", 0, "shield")).toBe(rules.SHIELD_FULL);
		expect(arena.get("ship", 1, "x")).toBe(1000);
	});
});

describe("the arena", () => {
	it("has room for 64 players and keeps every ship inside the world through a wild fight", () => {
		const seed = Math.floor(Math.random() * 2 ** 32);
		console.log(`arena: random keys from seed ${seed}`);
		const arena = new Arena(seed);
		const press = randomKeys(seed);
		for (let player = 0; player < 64; player++) arena.join(player);
		let kills = 0;
		for (let n = 0; n < 1000; n++) {
			press(arena, 64);
			arena.run(1);
			kills += arena.named("kill").length;
			expect(arena.named("refuse")).toEqual([]);
			for (const row of arena.rows("ship")) {
				const [x, y] = [arena.get("ship", row, "x"), arena.get("ship", row, "y")];
				const [least, most] = [rules.SHIP_RADIUS, rules.WORLD - rules.SHIP_RADIUS];
				// written so that NaN fails too
				if (!(x >= least && x <= most && y >= least && y <= most)) {
					expect.fail(`seed ${seed}, tick ${arena.tick}: ship ${row} at ${x}, ${y}`);
				}
				for (const column of ["vx", "vy", "angle"]) {
					if (!Number.isFinite(arena.get("ship", row, column))) {
						expect.fail(`seed ${seed}, tick ${arena.tick}: ship ${row} ${column}`);
					}
				}
			}
		}
		expect(arena.rows("ship")).toHaveLength(64);
		expect(kills).toBeGreaterThan(5);
		expect(arena.simulation.outboxDropped).toBe(0);
	});

	it("lets a client that predicts decide nothing about others: no damage by players, nobody comes back", () => {
		const arena = duel();
		arena.join(2);
		arena.run(1);
		arena.put("ship", 2, { flags: rules.FLAG_DEAD, timer: 0 });
		arena.simulation.isPredicting = true;
		arena.hold(0, { fire: true, laser: true });
		arena.hold(1, { fire: true, turn: 40 });
		const random = arena.simulation.randomState(0);
		arena.run(300);
		expect(arena.get("ship", 1, "shield")).toBe(rules.SHIELD_FULL);
		expect(arena.get("ship", 2, "flags")).toBe(rules.FLAG_DEAD);
		expect(arena.simulation.randomState(0)).toBe(random);
	});

	it("gives a client that predicts the same bumps, pieces and place to come back to", () => {
		const [server, client] = [false, true].map((isPredicting) => {
			const arena = Arena.empty(1);
			arena.simulation.isPredicting = isPredicting;
			arena.put("ship", 0, { x: 800, y: 1000, vx: 320, vy: 0, angle: 0, shield: 20 });
			arena.putAsteroid({ x: 1000, y: 1000 });
			arena.hold(0, { thrust: true, fire: true });
			arena.run(59);
			expect(arena.rows("asteroid").length).toBeGreaterThan(1);
			expect(arena.get("ship", 0, "flags")).toBe(rules.FLAG_DEAD);
			arena.hold(0, {});
			arena.run(rules.RESPAWN_TICKS);
			expect(arena.get("ship", 0, "flags")).toBe(rules.FLAG_PROTECTED);
			return ["x", "y", "timer", "score"].map((column) => arena.get("ship", 0, column));
		});
		expect(client).toEqual(server);
	});
});

/** Ten thousand ticks of 16 players, scripted; `restart` may put another instance in the middle. */
function longFight(seed: number, restart: (arena: Arena) => Arena = (arena) => arena): string {
	let arena = new Arena(seed);
	const press = randomKeys(99);
	for (let player = 0; player < 16; player++) arena.join(player);
	for (let n = 0; n < 10_000; n++) {
		press(arena, 16);
		arena.run(1);
		if (arena.tick % 100 === 0) arena = restart(arena);
	}
	return arena.hash();
}

describe("determinism", () => {
	/** Changes with the rules only: on every machine and engine it is the same. */
	const HASH = "7091934e9abc9c66";

	it("gives one hash after 10,000 ticks, twice and as it was before", () => {
		expect(longFight(5)).toBe(HASH);
		expect(longFight(5)).toBe(HASH);
	});

	it("gives another world from another seed", () => {
		const [one, other] = [new Arena(5), new Arena(6)];
		one.run(1);
		other.run(1);
		expect(one.hash()).not.toBe(other.hash());
	});

	it("hides no state: an instance given only the columns every 100 ticks plays on the same", () => {
		expect(longFight(5, (arena) => arena.reborn())).toBe(HASH);
	});
});
