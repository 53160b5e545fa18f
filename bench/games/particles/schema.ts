import { defineGame, f32, u8 } from "hotstep/schema";

/** Ten thousand discs that bounce off one another: the same rules in every language, to compare what a tick costs. */
export default defineGame({
	name: "particles",
	version: 1,
	tickRate: 60,
	snapshotRate: 20,
	maxPlayers: 1,
	input: { nothing: u8 },
	tables: {
		dot: {
			capacity: 10_000,
			columns: {
				x: f32()
					.quantize(1 / 16)
					.axis("x"),
				y: f32()
					.quantize(1 / 16)
					.axis("y"),
				vx: f32().private(),
				vy: f32().private(),
			},
		},
	},
	events: {},
});
