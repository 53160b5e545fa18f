import { Encoder } from "@msgpack/msgpack";
import { AGENTS } from "../../game-logic/swarm/constants.ts";
import { EventBoard } from "../../server/snapshot/event-board.ts";
import { EVERYWHERE } from "../../server/snapshot/focus.ts";
import { SnapshotEncoder } from "../../server/snapshot/snapshot-encoder.ts";
import { loadBuiltIn, runTick, start } from "../games.ts";
import { interleave, median, spreadOf, timePieces } from "../measure.ts";
import { plainRows } from "../plain-rows.ts";
import { judge, type Measurement } from "../result.ts";

const LEAD_IN = 60;
const SNAPSHOTS = 40;
const TICKS_PER_SNAPSHOT = 3;
const noEvents = new EventBoard();

export const encodeEntity: Measurement = {
	id: "encode-entity",
	about: "encoding a snapshot of 10,000 agents that all move, per changed entity",
	async run() {
		const game = await loadBuiltIn("swarm");
		const simulation = start(game, 1);
		const encoder = new SnapshotEncoder(game.schema, game.descriptor);
		const msgpack = new Encoder();
		let tick = 0;
		const advance = (ticks: number): void => {
			for (let i = 0; i < ticks; i++) runTick(simulation, tick++);
		};
		const nextSnapshot = () => advance(TICKS_PER_SNAPSHOT);
		let entities = 0;
		advance(LEAD_IN);
		const { own, arrays } = interleave({
			own() {
				// the chain must be at the snapshot before
				encoder.capture(simulation, tick);
				entities = 0;
				const ms = timePieces(
					SNAPSHOTS,
					() => {
						encoder.capture(simulation, tick);
						encoder.windowBytes(EVERYWHERE, noEvents);
						entities += encoder.changedRows;
					},
					nextSnapshot,
				);
				return (ms * 1e6 * SNAPSHOTS) / entities;
			},
			arrays() {
				const ms = timePieces(
					SNAPSHOTS,
					() => {
						msgpack.encodeSharedRef(plainRows(simulation));
					},
					nextSnapshot,
				);
				return (ms * 1e6) / AGENTS;
			},
		});
		return judge({
			id: this.id,
			value: median(own),
			unit: "ns",
			spread: spreadOf(own),
			peers: [{ name: "msgpack arrays of numbers", value: median(arrays), unit: "ns" }],
		});
	},
};
