import { defineGame, f32, i8, u16 } from "hotstep/schema";

/** Everybody walks about a world of 1024 units and gets what is near. */
export default defineGame({
	name: "roamers",
	version: 1,
	tickRate: 20,
	snapshotRate: 20,
	maxPlayers: 400,
	interest: { radius: 230 },
	input: { nudge: i8 },
	tables: {
		walker: {
			capacity: 400,
			columns: {
				player: u16().owner(),
				x: f32()
					.quantize(1 / 64)
					.axis("x"),
				y: f32()
					.quantize(1 / 64)
					.axis("y"),
				angle: f32().quantizeAngle(16),
				/** Radians per second. */
				turn: f32().private(),
			},
		},
	},
});
