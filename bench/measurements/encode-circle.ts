import { Encoder } from "@msgpack/msgpack";
import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { ChunkEncoder } from "../../protocol/codec/chunk-encoder.ts";
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
		const present = { ...first, values: first.values.map((column) => column.slice()) };
		const { own, arrays } = interleave(
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
				{ name: "msgpack arrays of numbers", value: median(arrays) * nsPerEntity, unit: "ns" },
			],
		});
	},
};
