import { Encoder } from "@msgpack/msgpack";
import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { ChunkDecoder } from "../../protocol/codec/chunk-decoder.ts";
import { ChunkEncoder } from "../../protocol/codec/chunk-encoder.ts";
import { CHUNK } from "../../protocol/messages/server-message.ts";
import { circleStates, circleTable } from "../circles.ts";
import { interleave, median, spreadOf, timePieces } from "../measure.ts";
import { judge, type Measurement } from "../result.ts";

const COUNT = 1_000;
const UPDATES = 400;
/** Many, since each takes only some milliseconds. */
const REPEATS = 25;

export const encodeCircle: Measurement = {
	id: "encode-circle",
	about: "encoding one changed entity of x, y, angle, of 1,000 on circles",
	async run() {
		const { floats, quantised } = circleStates(COUNT, UPDATES);
		const encoder = new ChunkEncoder([circleTable(COUNT)]);
		const out = new ByteWriter();
		const msgpack = new Encoder();
		const [first] = quantised;
		const decoder = new ChunkDecoder([circleTable(COUNT)]);
		const deltas = quantised.map((table, tick) => {
			out.length = 0;
			encoder.advance([table], tick);
			encoder.writeDelta(out);
			return out.bytes.slice(0, out.length);
		});
		const present = { ...first, values: first.values.map((column) => column.slice()) };
		const { own, decoding, arrays } = interleave(
			{
				own: () =>
					timePieces(
						UPDATES,
						(i) => {
							out.length = 0;
							encoder.advance([present], i);
							encoder.writeDelta(out);
						},
						// as a quantiser does: into the same arrays each time
						(i) => {
							present.values.forEach((column, c) => {
								column.set(quantised[i].values[c]);
							});
						},
					),
				decoding: () => {
					decoder.clear();
					return timePieces(UPDATES, (i) => {
						decoder.begin();
						const problem = decoder.apply(CHUNK.delta, deltas[i]);
						if (problem !== null) throw new Error(problem);
					});
				},
				arrays: () =>
					timePieces(UPDATES, (i) => {
						msgpack.encodeSharedRef(floats[i]);
					}),
			},
			REPEATS,
		);
		const nsPerEntity = 1e6 / COUNT;
		return judge({
			id: this.id,
			value: median(own) * nsPerEntity,
			unit: "ns",
			spread: spreadOf(own),
			goal: 20,
			peers: [
				{ name: "hotstep, decoding", value: median(decoding) * nsPerEntity, unit: "ns" },
				{ name: "msgpack arrays of numbers", value: median(arrays) * nsPerEntity, unit: "ns" },
			],
		});
	},
};
