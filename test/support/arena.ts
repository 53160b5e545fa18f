import { expect } from "vitest";
import { VIEW_AGE_PER_TICK } from "../../protocol/abi/layout.ts";
import { Simulation } from "../../protocol/abi/simulation.ts";
import { stateHash } from "../../protocol/abi/state-hash.ts";
import { buildModule } from "../fixtures/build-module.ts";

const module = await buildModule("arena");

export type TableName = "ship" | "bullet" | "asteroid";
export type Held = { turn?: number; thrust?: boolean; fire?: boolean; laser?: boolean };
export type GameEvent = { name: string; near: boolean; fields: Record<string, number> };

/** A running arena: who holds which keys, and what was said since the last `run`. */
export class Arena {
	readonly simulation: Simulation;
	tick = 0;
	events: GameEvent[] = [];
	private readonly held = new Map<number, Uint8Array>();
	private readonly viewAges = new Map<number, number>();
	private readonly joining: number[] = [];
	private readonly leaving: number[] = [];

	constructor(seed: number | null = 1) {
		const created = Simulation.create(module);
		if ("error" in created) throw new Error(created.detail);
		this.simulation = created.simulation;
		if (seed !== null) expect(this.simulation.init(seed)).toBeNull();
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

	join(player: number): void {
		this.joining.push(player);
		this.held.set(player, new Uint8Array(4));
	}

	leave(player: number): void {
		this.leaving.push(player);
		this.held.delete(player);
	}

	hold(player: number, { turn = 0, thrust = false, fire = false, laser = false }: Held): void {
		this.held.set(player, Uint8Array.of(turn, thrust ? 1 : 0, fire ? 1 : 0, laser ? 1 : 0));
	}

	/** Says how long before each tick the moment lies that a player sees, ticks. */
	look(player: number, age: number): void {
		this.viewAges.set(player, Math.round(age * VIEW_AGE_PER_TICK));
	}

	run(ticks: number): void {
		const { inbox } = this.simulation;
		this.events = [];
		for (let n = 0; n < ticks; n++) {
			inbox.clear();
			for (const player of this.leaving.splice(0)) inbox.leave(player, 0);
			for (const player of this.joining.splice(0)) inbox.join(player, `player ${player}`);
			for (const [player, bytes] of this.held) {
				inbox.input(player, bytes, 0, 0, this.viewAges.get(player) ?? 0);
			}
			const fault = this.simulation.tick(this.tick++);
			if (fault) throw new Error(`tick ${this.tick - 1}: ${fault.detail}`);
			this.readEvents();
		}
	}

	private readEvents(): void {
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
		});
		expect(problem).toBeNull();
	}

	named(name: string): GameEvent[] {
		return this.events.filter((event) => event.name === name);
	}

	table(name: TableName) {
		const found = this.simulation.tables.find((table) => table.name === name);
		if (!found) throw new Error(`no table ${name}`);
		return found;
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

	hash(): string {
		return stateHash(this.simulation, this.tick);
	}

	/** The same arena in a fresh instance, which gets the declared state and nothing else. */
	reborn(): Arena {
		const copy = new Arena(null);
		copy.tick = this.tick;
		for (const [player, bytes] of this.held) copy.held.set(player, bytes);
		for (let word = 0; word < 4; word++) {
			copy.simulation.setRandomState(word, this.simulation.randomState(word));
		}
		this.simulation.tables.forEach((from, t) => {
			const to = copy.simulation.tables[t];
			to.gen.set(from.gen);
			to.usedCell.set(from.usedCell);
			to.columns.forEach((column, c) => {
				(column.values as Float32Array).set(from.columns[c].values as Float32Array);
			});
		});
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
