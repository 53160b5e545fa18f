import { expect } from "vitest";
import { VIEW_AGE_PER_TICK } from "../../protocol/abi/layout.ts";
import { buildModule } from "../fixtures/build-module.ts";
import { GameDriver } from "./game-driver.ts";

const module = await buildModule("arena");

export type TableName = "ship" | "bullet" | "asteroid";
export type Held = { turn?: number; thrust?: boolean; fire?: boolean; laser?: boolean };
export type GameEvent = { name: string; near: boolean; fields: Record<string, number> };

/** A running arena: who holds which keys, and what was said since the last `run`. */
export class Arena extends GameDriver {
	events: GameEvent[] = [];

	constructor(seed: number | null = 1) {
		super(module, seed);
	}

	/** A world with nothing in it but the ships of `players` players, at rest and unprotected. */
	static empty(players: number): Arena {
		const arena = new Arena();
		for (let player = 0; player < players; player++) arena.join(player);
		arena.run(1);
		for (const row of arena.rows("asteroid")) arena.table("asteroid").gen[row] = 0;
		for (const row of arena.rows("ship")) arena.put("ship", row, { flags: 0, timer: 0 });
		return arena;
	}

	hold(player: number, { turn = 0, thrust = false, fire = false, laser = false }: Held): void {
		this.held.set(player, Uint8Array.of(turn, thrust ? 1 : 0, fire ? 1 : 0, laser ? 1 : 0));
	}

	/** Says how long before each tick the moment lies that a player sees, ticks. */
	look(player: number, age: number): void {
		this.setViewAge(player, Math.round(age * VIEW_AGE_PER_TICK));
	}

	override run(ticks: number): void {
		this.events = [];
		super.run(ticks);
	}

	protected override ticked(): void {
		const { simulation, events } = this;
		const take = (event: number, near: boolean, payload: Uint8Array) => {
			const { name, fields } = simulation.descriptor.events[event];
			const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
			const read = fields.map(({ name, type, offset }) => [
				name,
				type === "f32" ? view.getFloat32(offset, true) : view.getUint8(offset),
			]);
			events.push({ name, near, fields: Object.fromEntries(read) });
		};
		const problem = simulation.outbox.read(simulation.outboxLength, {
			event: (event, _player, payload) => take(event, false, payload),
			eventNear: (event, _x, _y, _radius, payload) => take(event, true, payload),
			refuse: (player) => events.push({ name: "refuse", near: false, fields: { player } }),
			kick: () => {},
			effect: () => {},
		});
		expect(problem).toBeNull();
	}

	named(name: string): GameEvent[] {
		return this.events.filter((event) => event.name === name);
	}

	rows(name: TableName): number[] {
		return [...this.table(name).gen.keys()].filter((row) => this.table(name).gen[row] !== 0);
	}

	get(name: TableName, row: number, column: string): number {
		const found = this.table(name).columns.find(({ about }) => about.name === column);
		if (!found) throw new Error(`no column ${name}.${column}`);
		return Number(found.values[row]);
	}

	put(name: TableName, row: number, values: Record<string, number>): void {
		for (const { about, values: column } of this.table(name).columns) {
			const value = values[about.name];
			if (value !== undefined) column[row] = value;
		}
	}

	/** Puts an asteroid into row 0. */
	putAsteroid(values: Record<string, number>): void {
		const { gen, usedCell } = this.table("asteroid");
		gen[0] = 1;
		usedCell[0] = Math.max(1, usedCell[0]);
		this.put("asteroid", 0, { size: 3, dx: 0, dy: 0, ...values });
	}

	/** The same arena in a fresh instance, which gets the declared state and nothing else. */
	reborn(): Arena {
		const copy = new Arena(null);
		copy.takeOver(this);
		return copy;
	}
}

/** Two ships 200 apart; ship 0 looks at ship 1. */
export function duel(): Arena {
	const arena = Arena.empty(2);
	arena.put("ship", 0, { x: 800, y: 1000, angle: 0, vx: 0, vy: 0 });
	arena.put("ship", 1, { x: 1000, y: 1000, angle: 0, vx: 0, vy: 0 });
	return arena;
}
