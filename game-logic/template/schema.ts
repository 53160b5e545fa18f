import { bool, defineGame, f32, u8, u16 } from "hotstep/schema";

/** What exists: players who run after coins. `hotstep dev` builds this again whenever you save it. */
export default defineGame({
	name: "__NAME__",
	version: 1,
	tickRate: 60,
	snapshotRate: 20,
	maxPlayers: 16,
	input: { left: bool, right: bool, up: bool, down: bool },
	tables: {
		runner: {
			capacity: 16,
			columns: {
				player: u8().owner(),
				x: f32()
					.quantize(1 / 16)
					.axis("x"),
				y: f32()
					.quantize(1 / 16)
					.axis("y"),
				coins: u16,
			},
		},
		coin: {
			capacity: 8,
			columns: {
				x: f32()
					.quantize(1 / 16)
					.axis("x"),
				y: f32()
					.quantize(1 / 16)
					.axis("y"),
			},
		},
	},
	events: { taken: { x: f32, y: f32 } },
});
