import { bool, defineGame, f32, i8, i32, u8, u16 } from "hotstep/schema";
import { BULLET_TICKS, POSITION_STEP, SHIELD_FULL } from "./constants.ts";

export default defineGame({
	name: "arena",
	version: 1,
	tickRate: 60,
	snapshotRate: 20,
	maxPlayers: 64,
	input: {
		/** -127 (full towards a smaller angle) to 127. */
		turn: i8,
		thrust: bool,
		fire: bool,
	},
	tables: {
		ship: {
			capacity: 64,
			columns: {
				player: u8().owner(),
				x: f32().quantize(POSITION_STEP).axis("x"),
				y: f32().quantize(POSITION_STEP).axis("y"),
				angle: f32().quantizeAngle(10),
				/** Bits FLAG_…, see constants.ts. */
				flags: u8,
				shield: u8({ default: SHIELD_FULL }),
				score: i32,
				vx: f32().private(),
				vy: f32().private(),
				/** Ticks until the next shot. */
				reload: u8().private(),
				/** Ticks until the ship comes back, or until its protection ends. */
				timer: u16().private(),
			},
		},
		bullet: {
			capacity: 512,
			columns: {
				x: f32().quantize(POSITION_STEP).axis("x"),
				y: f32().quantize(POSITION_STEP).axis("y"),
				/** Number of the player who fired. */
				shooter: u8,
				/** Way per tick. */
				dx: f32().private(),
				dy: f32().private(),
				/** Ticks to live; a client that predicts starts from the default. */
				life: u8({ default: BULLET_TICKS }).private(),
			},
		},
		asteroid: {
			capacity: 128,
			columns: {
				x: f32().quantize(POSITION_STEP).axis("x"),
				y: f32().quantize(POSITION_STEP).axis("y"),
				/** 3 large, 2 middling, 1 small. */
				size: u8({ default: 3 }),
				/** Way per tick. */
				dx: f32().private(),
				dy: f32().private(),
			},
		},
	},
	events: {
		hit: { x: f32, y: f32 },
		explosion: { x: f32, y: f32, size: u8 },
		kill: { killer: u8, victim: u8, x: f32, y: f32 },
	},
});
