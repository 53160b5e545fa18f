import { beforeAll, describe, expect, it } from "vitest";
import { SwarmTypescript } from "../../../bench/swarm-typescript.ts";
import * as rules from "../../../game-logic/swarm/constants.ts";
import { buildModule } from "../../fixtures/build-module.ts";
import { GameDriver } from "../../support/game-driver.ts";

let module: WebAssembly.Module;
beforeAll(async () => {
	module = await buildModule("swarm");
});

type Held = { turn?: number; thrust?: boolean; call?: boolean };

/** A running swarm and who holds which keys. */
class Swarm extends GameDriver {
	constructor(seed: number | null = 1) {
		super(module, seed);
	}

	hold(player: number, { turn = 0, thrust = false, call = false }: Held): void {
		this.held.set(player, Uint8Array.of(turn, thrust ? 1 : 0, call ? 1 : 0));
	}

	/** The values of a column, live. */
	column(table: "agent" | "avatar", name: string): Float32Array {
		const found = this.table(table).columns.find(({ about }) => about.name === name);
		if (!found) throw new Error(`no column ${table}.${name}`);
		return found.values as Float32Array;
	}

	agents() {
		const column = (name: string) => this.column("agent", name);
		return { x: column("x"), y: column("y"), vx: column("vx"), vy: column("vy") };
	}

	/** Frees all agents but the first `count`. */
	keep(count: number): void {
		const { gen, usedCell } = this.table("agent");
		gen.fill(0, count);
		usedCell[0] = count;
	}

	/** The same swarm in a fresh instance, which gets the declared state and nothing else. */
	reborn(): Swarm {
		const copy = new Swarm(null);
		copy.takeOver(this);
		return copy;
	}
}

/** Agents within `radius` of a point. */
function near(swarm: Swarm, x: number, y: number, radius: number): number {
	const agents = swarm.agents();
	let count = 0;
	for (let i = 0; i < rules.AGENTS; i++) {
		if (Math.hypot(agents.x[i] - x, agents.y[i] - y) < radius) count++;
	}
	return count;
}

/** How much an agent and those around it fly one way: 1 all the same, about 0.3 at random. */
function order(swarm: Swarm): number {
	const { x, y, vx, vy } = swarm.agents();
	let sum = 0;
	let samples = 0;
	for (let i = 0; i < rules.AGENTS; i += 50) {
		let [sumX, sumY, count] = [0, 0, 0];
		for (let j = 0; j < rules.AGENTS; j++) {
			if (Math.hypot(x[j] - x[i], y[j] - y[i]) > 60) continue;
			const speed = Math.hypot(vx[j], vy[j]);
			sumX += vx[j] / speed;
			sumY += vy[j] / speed;
			count++;
		}
		if (count < 3) continue;
		sum += Math.hypot(sumX, sumY) / count;
		samples++;
	}
	return sum / samples;
}

describe("agents", () => {
	it("are 10,000, spread over the world, and stay in it within their speeds", () => {
		const swarm = new Swarm();
		expect(swarm.table("agent").gen.every((gen) => gen !== 0)).toBe(true);
		for (let n = 0; n < 20; n++) {
			swarm.run(20);
			const { x, y, vx, vy } = swarm.agents();
			for (let i = 0; i < rules.AGENTS; i++) {
				const speed = Math.hypot(vx[i], vy[i]);
				const inside = x[i] >= 0 && x[i] <= rules.WORLD && y[i] >= 0 && y[i] <= rules.WORLD;
				const allowed =
					speed > rules.AGENT_MIN_SPEED - 0.01 && speed < rules.AGENT_TOP_SPEED + 0.01;
				// written so that NaN fails too
				if (!(inside && allowed)) expect.fail(`tick ${swarm.tick}: agent ${i}`);
			}
		}
	});

	it("head where they fly, to within half a step of 8 bits", () => {
		const swarm = new Swarm();
		swarm.run(5);
		const heading = swarm.column("agent", "heading");
		const { vx, vy } = swarm.agents();
		for (let i = 0; i < rules.AGENTS; i++) {
			const off = heading[i] - Math.atan2(vy[i], vx[i]);
			expect(Math.abs(Math.atan2(Math.sin(off), Math.cos(off)))).toBeLessThan(Math.PI / 256);
		}
	});

	it("come to fly like those around them", () => {
		const swarm = new Swarm();
		const before = order(swarm);
		swarm.run(300);
		expect(before).toBeLessThan(0.6);
		expect(order(swarm)).toBeGreaterThan(0.85);
	});

	it("push apart when too near, and draw together when far", () => {
		const gap = (between: number): number => {
			const swarm = new Swarm();
			swarm.keep(2);
			const { x, y, vx, vy } = swarm.agents();
			x.set([2000, 2000 + between]);
			y.set([2000, 2000]);
			vx.set([0, 0]);
			vy.set([80, 80]);
			swarm.run(15);
			return Math.hypot(x[0] - x[1], y[0] - y[1]);
		};
		expect(gap(5)).toBeGreaterThan(8);
		expect(gap(40)).toBeLessThan(39);
		expect(gap(rules.AGENT_SIGHT + 5)).toBeCloseTo(rules.AGENT_SIGHT + 5, 2);
	});
});

describe("an avatar", () => {
	it("is there once per player, and goes when the player leaves", () => {
		const swarm = new Swarm();
		const alive = () => swarm.table("avatar").gen.filter((gen) => gen !== 0).length;
		for (let player = 0; player < 63; player++) swarm.join(player);
		swarm.run(1);
		swarm.join(5);
		swarm.run(1);
		expect(alive()).toBe(63);
		swarm.join(63);
		swarm.run(1);
		expect(alive()).toBe(64);
		swarm.leave(5);
		swarm.run(1);
		expect(alive()).toBe(63);
	});

	it("speeds up along its angle, turns towards +y, and stops at the walls", () => {
		const swarm = new Swarm();
		swarm.join(0);
		swarm.run(1);
		const column = (name: string) => swarm.column("avatar", name);
		column("angle")[0] = 0.5;
		swarm.hold(0, { thrust: true });
		swarm.run(1);
		expect(Math.atan2(column("vy")[0], column("vx")[0])).toBeCloseTo(0.5, 5);
		swarm.hold(0, { turn: 127 });
		swarm.run(15);
		expect(column("angle")[0]).toBeCloseTo(0.5 + rules.AVATAR_TURN / 2, 4);
		column("angle")[0] = 0;
		column("x")[0] = rules.WORLD - 40;
		swarm.hold(0, { thrust: true });
		swarm.run(90);
		expect(column("x")[0]).toBe(rules.WORLD - rules.AVATAR_RADIUS);
	});

	it("scares agents away, and draws them while it calls", () => {
		const swarm = new Swarm();
		swarm.join(0);
		swarm.run(1);
		const [x, y] = [swarm.column("avatar", "x")[0], swarm.column("avatar", "y")[0]];
		const before = near(swarm, x, y, 150);
		swarm.run(90);
		expect(near(swarm, x, y, 150)).toBeLessThan(before / 4);
		swarm.hold(0, { call: true });
		swarm.run(180);
		expect(swarm.column("avatar", "calling")[0]).toBe(1);
		expect(near(swarm, x, y, 150)).toBeGreaterThan(before * 1.5);
	});
});

/** 300 ticks with eight players that thrust, turn and call. */
function parade(seed: number, restart: (swarm: Swarm) => Swarm = (swarm) => swarm): string {
	let swarm = new Swarm(seed);
	for (let player = 0; player < 8; player++) {
		swarm.join(player);
		swarm.hold(player, { turn: player * 5, thrust: player % 3 > 0, call: player % 2 > 0 });
	}
	for (let n = 0; n < 6; n++) {
		swarm.run(50);
		swarm = restart(swarm);
	}
	return swarm.hash();
}

describe("determinism", () => {
	/** Changes with the rules only: on every machine and engine it is the same. */
	const HASH = "78d03425cb2fe78c";

	it("gives one hash after 300 ticks, twice and as it was before", () => {
		expect(parade(3)).toBe(HASH);
		expect(parade(3)).toBe(HASH);
	});

	it("gives another world from another seed", () => {
		expect(new Swarm(3).hash()).not.toBe(new Swarm(4).hash());
	});

	it("hides no state: an instance given only the columns every 50 ticks plays on the same", () => {
		expect(parade(3, (swarm) => swarm.reborn())).toBe(HASH);
	});
});

describe("the benchmark's peer in TypeScript", () => {
	it("moves agents and avatars like the module, but for rounding", () => {
		const swarm = new Swarm(8);
		for (let player = 0; player < 4; player++) swarm.join(player);
		swarm.run(1);
		const peer = new SwarmTypescript(swarm.agents());
		for (let i = 0; i < 4; i++) {
			const held = { turn: i * 30 - 50, thrust: i > 0, call: i > 1 };
			swarm.hold(i, held);
			const [x, y, angle] = ["x", "y", "angle"].map((name) => swarm.column("avatar", name)[i]);
			peer.avatars.push({ x, y, angle, vx: 0, vy: 0, ...held });
		}
		for (let n = 0; n < 20; n++) {
			peer.step(swarm.tick);
			swarm.run(1);
		}
		const agents = swarm.agents();
		let worst = 0;
		for (let i = 0; i < rules.AGENTS; i++) {
			worst = Math.max(worst, Math.hypot(agents.x[i] - peer.x[i], agents.y[i] - peer.y[i]));
		}
		// a tick moves an agent by up to 4 units: a rule that differs would show at once
		expect(worst).toBeLessThan(0.05);
		expect(peer.avatars[3].x).toBeCloseTo(swarm.column("avatar", "x")[3], 2);
	});

	it("starts from a seed of its own", () => {
		const [one, same, other] = [7, 7, 8].map((seed) => SwarmTypescript.fromSeed(seed));
		for (const swarm of [one, same, other]) swarm.step(0);
		expect(one.x).toEqual(same.x);
		expect(one.x).not.toEqual(other.x);
		expect(one.x.every((x) => x >= 0 && x <= rules.WORLD)).toBe(true);
	});
});
