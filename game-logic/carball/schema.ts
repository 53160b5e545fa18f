import { bool, defineGame, f32, i8, u8, u16 } from "hotstep/schema";

/** Cars that push a ball into goals. Metres; the middle of the field is 0, 0. */
export default defineGame({
	name: "carball",
	version: 1,
	tickRate: 60,
	snapshotRate: 20,
	maxPlayers: 8,
	/** steer and throttle: -127 to 127 */
	input: { steer: i8, throttle: i8, boost: bool },
	tables: {
		car: {
			capacity: 8,
			predict: true,
			columns: {
				player: u8().owner(),
				team: u8,
				x: f32()
					.quantize(1 / 256)
					.axis("x"),
				y: f32()
					.quantize(1 / 256)
					.axis("y"),
				angle: f32().quantizeAngle(10),
				vx: f32().quantize(1 / 64),
				vy: f32().quantize(1 / 64),
				spin: f32().quantize(1 / 64),
				/** Seconds of boost that are left. */
				boost: f32({ default: 2 }).ownerOnly(),
			},
		},
		ball: {
			capacity: 1,
			columns: {
				x: f32()
					.quantize(1 / 256)
					.axis("x"),
				y: f32()
					.quantize(1 / 256)
					.axis("y"),
				angle: f32().quantizeAngle(10),
				vx: f32().quantize(1 / 64),
				vy: f32().quantize(1 / 64),
				spin: f32().quantize(1 / 64),
			},
		},
		score: { capacity: 1, columns: { left: u16, right: u16 } },
	},
	events: { goal: { team: u8 } },
});
