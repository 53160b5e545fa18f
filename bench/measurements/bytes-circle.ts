import { encode } from "@msgpack/msgpack";
import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { ChunkEncoder } from "../../protocol/codec/chunk-encoder.ts";
import { circleStates, circleTable } from "../circles.ts";
import { median, spreadOf } from "../measure.ts";
import { judge, type Measurement, type Peer } from "../result.ts";
import { loadSchemaBytes } from "../schema-bytes.ts";

const COUNT = 100;
const UPDATES = 600;
/** The first deltas carry the start: a client gets those once. */
const LEAD_IN = 3;

export const bytesCircle: Measurement = {
	id: "bytes-circle",
	about: "bytes per entity and update, 100 entities on circles at 20 Hz, x, y, angle of 16 bits",
	async run() {
		const { floats, quantised } = circleStates(COUNT, UPDATES);
		const steadyBytes = (coded: boolean): number[] => {
			const encoder = new ChunkEncoder([circleTable(COUNT)], { coded });
			const out = new ByteWriter();
			return quantised
				.map((table, tick) => {
					out.length = 0;
					encoder.advance([table], tick);
					encoder.writeDelta(out);
					return out.length / COUNT;
				})
				.slice(LEAD_IN);
		};
		const steady = steadyBytes(false);
		const arrays = floats.map((rows) => encode(rows).length / COUNT);
		const integers = quantised.map(({ values: [x, y, angle] }) => {
			const rows = Array.from(x, (_, row) => [row, x[row], y[row], angle[row]]);
			return encode(rows).length / COUNT;
		});
		const loaded = await loadSchemaBytes();
		const peers: Peer[] = [
			{ name: "hotstep, coded residuals", value: median(steadyBytes(true)), unit: "B" },
			{ name: "msgpack arrays of numbers", value: median(arrays), unit: "B" },
			{ name: "msgpack arrays, quantised", value: median(integers), unit: "B" },
		];
		if (!("failed" in loaded)) {
			const schema = loaded([circleTable(COUNT)]);
			const patches = floats.map((rows) =>
				// the generation stands after the row's number
				schema.advance([rows.map(([row, ...values]) => [row, 1, ...values])]),
			);
			const perRow = median(patches.slice(LEAD_IN)) / COUNT;
			peers.push({ name: "Colyseus 0.18, quantised", value: perRow, unit: "B" });
		}
		return judge({
			id: this.id,
			value: steady.reduce((a, b) => a + b, 0) / steady.length,
			unit: "B",
			spread: spreadOf(steady),
			goal: 2,
			peers,
			notMeasured: "failed" in loaded ? [`Colyseus 0.18: ${loaded.failed}`] : [],
		});
	},
};
