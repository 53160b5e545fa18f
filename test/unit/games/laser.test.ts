import { describe, expect, it } from "vitest";
import * as rules from "../../../game-logic/arena/constants.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { type Arena, duel } from "../../support/arena.ts";

const TICK_MS = 1000 / 60;

/**
 * Ship 0 at rest looks along +x; ship 1 crosses 300 units away along +y at 300 units/s, 5 a tick. Both
 * have been there long enough to be remembered.
 */
function crossing(): Arena {
	const arena = duel();
	arena.put("ship", 0, { x: 400, y: 1000, angle: 0 });
	arena.put("ship", 1, { x: 700, y: 800, angle: Math.PI / 2, vy: 300 });
	// the drag of a tick is made good before the next
	for (let n = 0; n < 30; n++) step(arena);
	return arena;
}

function step(arena: Arena): void {
	arena.put("ship", 1, { vx: 0, vy: 300 / (1 - rules.SHIP_DRAG / 60) });
	arena.run(1);
}

/** Aims `beside` units beside where the shooter sees the target, `ageMs` ago. */
function hits(beside: number, ageMs: number): boolean {
	const arena = crossing();
	const age = ageMs / TICK_MS;
	const now = arena.get("ship", 1, "y") + 5;
	arena.put("ship", 0, { y: now - age * 5 + beside });
	arena.look(0, age);
	arena.hold(0, { laser: true });
	const shield = arena.get("ship", 1, "shield");
	step(arena);
	return arena.get("ship", 1, "shield") < shield;
}

describe("the laser", () => {
	it.each([0, 8, 50, 120, 150, 250])(
		"hits what its shooter saw %i ms ago, and what it did not see it misses",
		(ageMs) => {
			// a tick of motion is 5 units, a ship's radius 14
			expect(hits(0, ageMs)).toBe(true);
			expect(hits(9, ageMs)).toBe(true);
			expect(hits(-9, ageMs)).toBe(true);
			expect(hits(19, ageMs)).toBe(false);
			expect(hits(-19, ageMs)).toBe(false);
		},
	);

	it("looks back no further than the rules remember", () => {
		expect(hits(0, LIMITS.rewindMs + 100)).toBe(false);
		expect(hits(0, 1000)).toBe(false);
		// it is aimed as if at the oldest moment known
		const lag = ((1000 - LIMITS.rewindMs) / TICK_MS) * 5;
		expect(hits(lag, 1000)).toBe(true);
	});

	it("takes charge, shield and time, and says where it went", () => {
		const arena = duel();
		arena.hold(0, { laser: true });
		arena.run(1);
		expect(arena.get("ship", 1, "shield")).toBe(rules.SHIELD_FULL - rules.LASER_DAMAGE);
		expect(arena.get("ship", 0, "charge")).toBe(0);
		const [beam] = arena.named("beam");
		expect(beam?.near).toBe(true);
		expect(beam?.fields.x).toBeCloseTo(800 + rules.SHIP_RADIUS, 3);
		expect(beam?.fields.tx).toBeCloseTo(1000 - rules.SHIP_RADIUS, 3);
		expect(arena.named("hit")).toHaveLength(1);
		arena.run(rules.LASER_CHARGE - 1);
		expect(arena.named("beam")).toHaveLength(0);
		arena.run(1);
		expect(arena.named("beam")).toHaveLength(1);
	});

	it("ends in an asteroid on its way, and at its range", () => {
		const arena = duel();
		arena.putAsteroid({ x: 900, y: 1000, size: 1 });
		arena.hold(0, { laser: true });
		arena.run(1);
		expect(arena.get("ship", 1, "shield")).toBe(rules.SHIELD_FULL);
		expect(arena.named("beam")[0]?.fields.tx).toBeCloseTo(900 - 16, 3);
		const far = duel();
		far.put("ship", 1, { x: 800 + rules.LASER_RANGE + 60 });
		far.hold(0, { laser: true });
		far.run(1);
		expect(far.get("ship", 1, "shield")).toBe(rules.SHIELD_FULL);
		const { x, tx } = far.named("beam")[0]?.fields ?? {};
		expect(Number(tx) - Number(x)).toBeCloseTo(rules.LASER_RANGE, 2);
	});

	it("takes nobody for whoever was in a row before", () => {
		const arena = crossing();
		// the ship leaves; the next one is launched into its row, elsewhere
		arena.leave(1);
		arena.run(1);
		arena.join(1);
		arena.run(1);
		const [row] = arena.rows("ship").filter((r) => arena.get("ship", r, "player") === 1);
		expect(row).toBe(1);
		arena.put("ship", 1, { x: 700, y: 1500, flags: 0, timer: 0 });
		arena.run(1);
		arena.put("ship", 0, { y: 950 });
		arena.look(0, 5);
		arena.hold(0, { laser: true });
		arena.run(1);
		expect(arena.named("hit")).toEqual([]);
		expect(arena.get("ship", 1, "shield")).toBe(rules.SHIELD_FULL);
	});
});
