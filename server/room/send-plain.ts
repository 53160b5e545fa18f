import { ByteReader } from "../../protocol/codec/byte-reader.ts";
import { CELLS, GLOBAL_CELL } from "../../protocol/codec/cell-index.ts";
import { PLAIN_SNAPSHOT } from "../../protocol/messages/server-message.ts";
import { readScalar, type ScalarName, scalarBytes } from "../../protocol/schema/scalar.ts";
import { EVERYWHERE } from "../snapshot/focus.ts";
import { PlainWriter } from "../snapshot/plain-writer.ts";
import type { RoomState } from "./room-state.ts";
import type { Viewer } from "./viewer.ts";

const window = new Uint16Array(CELLS);

/**
 * Sends the present as plain arrays to a viewer that asked for them, and returns the number of bytes.
 */
export function sendPlain(room: RoomState, viewer: Viewer, focus: number): number {
	const { encoder, tick } = room;
	const { player } = viewer;
	const to = new PlainWriter();
	to.array(7);
	to.integer(PLAIN_SNAPSHOT);
	to.integer(tick);
	to.integer(player?.inputs.inputTick ?? 0);
	to.integer(player?.inputs.slack ?? 0);
	const { out } = encoder.plain.seenFrom(focus, encoder);
	to.append(out.bytes, out.length);
	if (player && encoder.own.isNeeded) writeOwn(to, room, player.number);
	else to.nil();
	writeEvents(to, room, viewer, focus);
	const message = to.out.bytes.subarray(0, to.out.length);
	viewer.sink.send(message);
	viewer.sent(tick, message.length);
	return message.length;
}

function writeValue(to: PlainWriter, view: DataView, at: number, type: ScalarName): void {
	if (type === "u64") to.integer(view.getBigUint64(at, true));
	else if (type === "i64") to.integer(view.getBigInt64(at, true));
	else to.number(readScalar(view, at, type));
}

/** For each table its own rows, from the data of an own chunk; an empty array for those without. */
function writeOwn(to: PlainWriter, { encoder, game }: RoomState, player: number): void {
	const { bytes, length } = encoder.own.write(player);
	const from = new ByteReader(bytes.subarray(0, length));
	const view = new DataView(bytes.buffer, bytes.byteOffset, length);
	to.array(game.schema.tables.length);
	for (const { own } of game.schema.tables) {
		const rows = own.length === 0 ? 0 : from.u8();
		to.array(rows);
		for (let i = 0; i < rows; i++) {
			to.array(2 + own.length);
			to.integer(from.varint());
			to.integer(from.varint());
			for (const { type } of own) {
				writeValue(to, view, from.at, type);
				from.at += scalarBytes(type);
			}
		}
	}
}

/** The events for the viewer, from the data of events chunks. */
function writeEvents(to: PlainWriter, room: RoomState, viewer: Viewer, focus: number): void {
	const { encoder, events, tick, game } = room;
	const seen = focus === EVERYWHERE ? 0 : encoder.windowOf(focus, window);
	const cells = focus === EVERYWHERE ? events.cells() : [GLOBAL_CELL, ...window.subarray(0, seen)];
	const parts = Array.from(cells, (cell) => events.dataOf(cell, tick));
	if (viewer.events && !viewer.events.isEmpty) parts.push(viewer.events.finish(tick));
	const heard = new PlainWriter();
	let n = 0;
	for (const data of parts) {
		if (data === null) continue;
		const view = new DataView(data.buffer, data.byteOffset, data.length);
		for (let at = 0; at < data.length; n++) {
			const number = data[at];
			const { size, fields } = game.schema.events[number] as (typeof game.schema.events)[number];
			heard.array(2 + fields.length);
			heard.integer(number);
			heard.integer(data[at + 1]);
			for (const { type, offset } of fields) writeValue(heard, view, at + 2 + offset, type);
			at += 2 + size;
		}
	}
	to.array(n);
	to.append(heard.out.bytes, heard.out.length);
	viewer.events?.clear();
}
