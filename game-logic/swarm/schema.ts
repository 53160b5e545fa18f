import { bool, defineGame, f32, i8, u8 } from "hotstep/schema";
import { AGENTS } from "./constants.ts";

export default defineGame({
	name: "swarm",
	version: 1,
	tickRate: 30,
	snapshotRate: 10,
	maxPlayers: 64,
	input: {
		/** -127 (full towards a smaller angle) to 127. */
		turn: i8,
		thrust: bool,
		/** Draws agents near instead of scaring them. */
		call: bool,
	},
	tables: {
		agent: {
			capacity: AGENTS,
			columns: {
				x: f32()
					.quantize(1 / 8)
					.axis("x"),
				y: f32()
					.quantize(1 / 8)
					.axis("y"),
				heading: f32().quantizeAngle(8),
				vx: f32().private(),
				vy: f32().private(),
			},
		},
		avatar: {
			capacity: 64,
			columns: {
				player: u8().owner(),
				x: f32()
					.quantize(1 / 16)
					.axis("x"),
				y: f32()
					.quantize(1 / 16)
					.axis("y"),
				angle: f32().quantizeAngle(10),
				calling: bool,
				vx: f32().private(),
				vy: f32().private(),
			},
		},
	},
});
