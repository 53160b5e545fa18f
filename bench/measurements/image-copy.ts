import { createImage } from "../../protocol/abi/image.ts";
import { loadBuiltIn, start } from "../games.ts";
import { interleave, median, ratios, spreadOf, timePieces } from "../measure.ts";
import { judge, type Measurement } from "../result.ts";

const COPIES = 400;

export const imageCopy: Measurement = {
	id: "image-copy",
	about: "saving and restoring an image, as a share of copying its bytes there and back",
	async run() {
		const simulation = start(await loadBuiltIn("swarm"), 1);
		const image = createImage();
		simulation.save(image);
		const bytes = image.length;
		const memory = new Uint8Array(bytes);
		const copy = new Uint8Array(bytes);
		const samples = interleave({
			image: () =>
				timePieces(COPIES, () => {
					simulation.save(image);
					simulation.restore(image);
				}),
			plain: () =>
				timePieces(COPIES, () => {
					copy.set(memory);
					memory.set(copy);
				}),
		});
		const shares = ratios(samples.image, samples.plain);
		const perMiB = (ms: number) => (ms * 1000 * 1024 * 1024) / bytes;
		return judge({
			id: this.id,
			value: median(shares),
			unit: "image / plain copy",
			spread: spreadOf(shares),
			goal: 1.2,
			peers: [
				{ name: "image", value: perMiB(median(samples.image)), unit: "µs/MiB" },
				{ name: "plain copy", value: perMiB(median(samples.plain)), unit: "µs/MiB" },
			],
		});
	},
};
