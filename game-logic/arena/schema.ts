import { bool, defineGame, f32, i8, i32, u8, u16 } from "hotstep/schema";
import { BULLET_TICKS, LASER_CHARGE, POSITION_STEP, SHIELD_FULL, SPEED_STEP } from "./constants.ts";

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
		laser: bool,
	},
	tables: {
		ship: {
			capacity: 64,
			predict: true,
			columns: {
				player: u8().owner(),
				x: f32().quantize(POSITION_STEP).axis("x").rewind(),
				y: f32().quantize(POSITION_STEP).axis("y").rewind(),
				angle: f32().quantizeAngle(10),
				/** Bits FLAG_…, see constants.ts. */
				flags: u8,
				shield: u8({ default: SHIELD_FULL }),
				score: i32,
				/** Coarse for others: enough to guess where they will be. */
				vx: f32().quantize(SPEED_STEP).interpolate("step"),
				vy: f32().quantize(SPEED_STEP).interpolate("step"),
				/** Ticks until the next shot. */
				reload: u8().private(),
				/** What the laser has to shoot with; it takes LASER_CHARGE for one beam. */
				charge: u8({ default: LASER_CHARGE }).ownerOnly(),
				/** Ticks until the ship comes back, or until its protection ends. */
				timer: u16().ownerOnly(),
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
				/** Ticks to live. */
				life: u8({ default: BULLET_TICKS }).private(),
			},
		},
		asteroid: {
			capacity: 128,
			columns: {
				x: f32().quantize(POSITION_STEP).axis("x").rewind(),
				y: f32().quantize(POSITION_STEP).axis("y").rewind(),
				/** 3 large, 2 middling, 1 small. */
				size: u8({ default: 3 }),
				/** Way per tick, exact: asteroids fly on the lattice, so clients know where they will be. */
				dx: f32().quantize(POSITION_STEP).interpolate("step"),
				dy: f32().quantize(POSITION_STEP).interpolate("step"),
			},
		},
	},
	events: {
		hit: { x: f32, y: f32 },
		/** A laser's, from the nose of its ship to where it ended. */
		beam: { shooter: u8, x: f32, y: f32, tx: f32, ty: f32 },
		explosion: { x: f32, y: f32, size: u8 },
		kill: { killer: u8, victim: u8, x: f32, y: f32 },
	},
});
