import { pathToFileURL } from "node:url";
import { SnapshotBuffer } from "../client/view/snapshot-buffer.ts";
import { StateShower } from "../client/view/state-view.ts";
import { ChunkDecoder } from "../protocol/codec/chunk-decoder.ts";
import { ChunkEncoder } from "../protocol/codec/chunk-encoder.ts";
import type { WireColumn, WireTable } from "../protocol/wire-schema.ts";
import { bufferBytes } from "./buffer-bytes.ts";

/** A table as wide as asked for: positions that are guessed, and states that are not. */
export function wideTable(capacity: number, columns: number): WireTable {
	const column = (c: number): WireColumn => {
		const isPosition = c % 2 === 0;
		return {
			name: `c${c}`,
			type: isPosition ? "f32" : "u8",
			quantisation: isPosition ? { kind: "step", step: 1 / 16 } : { kind: "exact" },
			interpolation: isPosition ? "linear" : "step",
			owner: false,
		};
	};
	return {
		name: "thing",
		capacity,
		columns: Array.from({ length: columns }, (_, c) => column(c)),
		spatial: false,
		predicted: false,
		own: [],
	};
}

/** Fills all the frames that a client keeps, with `used` rows in each. */
export function fillBuffer(buffer: SnapshotBuffer, decoder: ChunkDecoder, used: number): void {
	for (const table of decoder.tables) table.used = used;
	for (let tick = 0; tick < 64; tick++) buffer.push(tick);
}

function kib(bytes: number): string {
	return Math.ceil(bytes / 1024).toLocaleString("en");
}

/** Prints the memory of one client's buffers and of one room's encoder. */
function printTable(): void {
	console.log("KiB of buffers: a client's snapshots, decoder and view; a room's encoder\n");
	console.log("| rows declared | columns | rows in use | snapshots | decoder | view | encoder |");
	console.log("|---|---|---|---|---|---|---|");
	for (const capacity of [64, 1_024, 16_384, 65_535]) {
		for (const columns of [4, 16]) {
			for (const used of [16, capacity]) {
				const table = wideTable(capacity, columns);
				const decoder = new ChunkDecoder([table]);
				const buffer = new SnapshotBuffer([table], decoder.tables);
				fillBuffer(buffer, decoder, used);
				const shower = new StateShower([table], decoder.tables);
				const decoded = bufferBytes(decoder);
				const encoder = new ChunkEncoder([table]);
				encoder.inputOf(0, used);
				const sizes = [
					bufferBytes(buffer) - bufferBytes(decoder.tables),
					decoded,
					bufferBytes(shower),
					bufferBytes(encoder),
				];
				console.log(`| ${[capacity, columns, used, ...sizes.map(kib)].join(" | ")} |`);
			}
		}
	}
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) printTable();
