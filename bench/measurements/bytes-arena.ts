import { encode } from "@msgpack/msgpack";
import type { Player } from "../../server/room/player.ts";
import { Room } from "../../server/room/room.ts";
import { ArenaFight, PILOTS, TICK_RATE } from "../arena-fight.ts";
import { CountingSink } from "../counting-sink.ts";
import { loadBuiltIn } from "../games.ts";
import { median, spreadOf } from "../measure.ts";
import { type PlainRows, plainRows } from "../plain-rows.ts";
import { type Check, check, judge, type Measurement, type Peer } from "../result.ts";
import { loadSchemaBytes, type MakeSchemaBytes } from "../schema-bytes.ts";

const LEAD_IN = 300;
const SECONDS = 10;
const SEEDS = [1, 2, 3];

/** Bytes of an average snapshot of one fight: as sent to a client, and as plain msgpack. */
interface FightBytes {
	own: number;
	/** Of it, what Colyseus' patches carry too: the shared columns. Events and own rows are the rest. */
	columns: number;
	/** As sent to a client by a server that codes residuals. */
	coded: number;
	arrays: number;
	float32: number;
	/** As Colyseus' patches; NaN when it is not there. */
	schema: number;
}

type ArenaGame = Awaited<ReturnType<typeof loadBuiltIn>>;

/** A room whose pilots are heard and acknowledged without a network. */
class FightRoom {
	readonly sinks = Array.from({ length: PILOTS }, () => new CountingSink());
	readonly room: Room;
	private readonly players: Player[];
	private readonly fight: ArenaFight;

	constructor(game: ArenaGame, seed: number, codeResiduals: boolean) {
		const clock = { now: () => (this.room?.tick ?? 0) * (1000 / TICK_RATE) };
		this.room = new Room({ id: "bench", game, clock, seed, codeResiduals });
		this.fight = new ArenaFight(this.room.simulation);
		this.players = this.sinks.map((sink, i) => {
			const player = this.room.join(sink, `pilot ${i}`);
			if ("error" in player) throw new Error(player.detail);
			return player;
		});
	}

	runTick(): void {
		const { room } = this;
		const inputs = this.fight.inputsFor(room.tick);
		this.players.forEach((player, i) => {
			const ackTick = Math.max(0, player.viewer?.sentTick ?? 0);
			room.receiveInput(player, { type: "input", ackTick, tick: room.tick, inputs: inputs[i] });
		});
		room.runTick();
		if (room.fault) throw new Error(`the room failed: ${room.fault.detail}`);
	}

	get snapshots(): number {
		return this.sinks.reduce((sum, sink) => sum + sink.snapshots, 0);
	}

	get snapshotBytes(): number {
		return this.sinks.reduce((sum, sink) => sum + sink.snapshotBytes, 0);
	}

	get columnBytes(): number {
		const { keyframe, delta, catchUp } = this.room.counters.sentBytes;
		return keyframe + delta + catchUp;
	}
}

function mean(samples: readonly number[]): number {
	return samples.reduce((a, b) => a + b, 0) / samples.length;
}

/** Bytes of an average snapshot under a server that codes residuals. */
function weighCoded(game: ArenaGame, seed: number): number {
	const fight = new FightRoom(game, seed, true);
	for (let i = 0; i < LEAD_IN; i++) fight.runTick();
	const { snapshots, snapshotBytes } = fight;
	for (let i = 0; i < SECONDS * TICK_RATE; i++) fight.runTick();
	return (fight.snapshotBytes - snapshotBytes) / (fight.snapshots - snapshots);
}

function weigh(game: ArenaGame, seed: number, makeSchema: MakeSchemaBytes | null): FightBytes {
	const fight = new FightRoom(game, seed, false);
	for (let i = 0; i < LEAD_IN; i++) fight.runTick();
	const schema = makeSchema?.(game.schema.tables);
	schema?.advance(plainRows(fight.room.simulation)); // the first one brings everything
	const patches: number[] = [];
	const { snapshots, snapshotBytes, columnBytes } = fight;
	const arrays: number[] = [];
	const float32: number[] = [];
	for (let i = 0; i < SECONDS * TICK_RATE; i++) {
		const before = fight.snapshots;
		fight.runTick();
		if (fight.snapshots === before) continue;
		const rows: PlainRows = plainRows(fight.room.simulation);
		if (schema) patches.push(schema.advance(rows));
		arrays.push(encode(rows).length);
		float32.push(encode(rows, { forceFloat32: true }).length);
	}
	const sent = fight.snapshots - snapshots;
	return {
		own: (fight.snapshotBytes - snapshotBytes) / sent,
		columns: (fight.columnBytes - columnBytes) / sent,
		coded: weighCoded(game, seed),
		arrays: mean(arrays),
		float32: mean(float32),
		schema: patches.length > 0 ? mean(patches) : Number.NaN,
	};
}

export const bytesArena: Measurement = {
	id: "bytes-arena",
	about: "bytes of a snapshot of 64 fighting bots, as a share of the state as msgpack arrays",
	async run() {
		const game = await loadBuiltIn("arena");
		const loaded = await loadSchemaBytes();
		const makeSchema = "failed" in loaded ? null : loaded;
		const fights = SEEDS.map((seed) => weigh(game, seed, makeSchema));
		const shares = fights.map(({ own, arrays }) => own / arrays);
		const bytes = (pick: (fight: FightBytes) => number) => median(fights.map(pick));
		const { snapshotRate } = game.descriptor;
		const peers: Peer[] = [
			{ name: "hotstep, whole message", value: bytes((f) => f.own), unit: "B" },
			{ name: "hotstep, its shared columns", value: bytes((f) => f.columns), unit: "B" },
			{ name: "hotstep, residuals coded", value: bytes((f) => f.coded), unit: "B" },
			{ name: "msgpack arrays of numbers", value: bytes((f) => f.arrays), unit: "B" },
			{ name: "msgpack arrays, float32", value: bytes((f) => f.float32), unit: "B" },
			{ name: "hotstep, for each client", value: bytes((f) => f.own) * snapshotRate, unit: "B/s" },
		];
		const checks: Check[] = [];
		if (makeSchema) {
			const theirs = bytes((f) => f.schema);
			const perSecond = theirs * snapshotRate;
			peers.push({ name: "Colyseus 0.18, for each client", value: perSecond, unit: "B/s" });
			const shares: [string, (fight: FightBytes) => number][] = [
				["whole message, of Colyseus' bytes", (f) => f.own],
				["residuals coded, of Colyseus' bytes", (f) => f.coded],
				["the same columns alone", (f) => f.columns],
			];
			for (const [name, of] of shares) {
				const share = median(fights.map((fight) => of(fight) / fight.schema));
				checks.push(check(name, share, "", 0.25));
			}
		}
		return judge({
			id: this.id,
			value: median(shares),
			unit: "of msgpack",
			spread: spreadOf(shares),
			goal: 0.25,
			checks,
			peers,
			notMeasured: "failed" in loaded ? [`Colyseus 0.18: ${loaded.failed}`] : [],
		});
	},
};
