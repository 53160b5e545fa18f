import { EXPLOSION_SHIP, NOBODY } from "../../game-logic/arena/constants.ts";
import type { KillFeed } from "../ui/kill-feed.ts";
import { Beams } from "./beams.ts";
import type { Camera } from "./camera.ts";
import { OwnBeam } from "./own-beam.ts";
import { Particles } from "./particles.ts";
import type { ArenaRoom, Scene } from "./scene.ts";
import { ShockWaves } from "./shock-waves.ts";
import { seatTint, TINT } from "./tints.ts";

/** Turns a room's events into light, shaking and lines of text. */
export class Effects {
	readonly particles = new Particles();
	private readonly beams = new Beams();
	private readonly ownBeam = new OwnBeam();
	private readonly waves = new ShockWaves();
	private readonly camera: Camera;
	private readonly feed: KillFeed;
	/** While true, what happens leaves no trace: a page that was hidden sees minutes of it at once. */
	isMuted = false;

	constructor(camera: Camera, feed: KillFeed) {
		this.camera = camera;
		this.feed = feed;
	}

	listenTo(room: ArenaRoom): void {
		room.on("beam", ({ shooter, x, y, tx, ty }) => {
			// the own one was shown when the key was pressed
			if (this.isMuted || (shooter === room.player && room.stats.prediction.isOn)) return;
			this.beams.add(x, y, tx, ty, seatTint(shooter));
		});
		room.on("hit", ({ x, y }) => {
			if (this.isMuted) return;
			this.particles.burst(x, y, 12, 420, TINT.ice, 0.35, true);
			this.waves.add(x, y, 16, 0.2, TINT.ice);
		});
		room.on("explosion", ({ x, y, size }) => {
			if (this.isMuted) return;
			if (size === EXPLOSION_SHIP) this.explodeShip(x, y);
			else this.breakRock(x, y, size);
		});
		room.on("kill", ({ killer, victim, x, y }) => {
			if (this.isMuted) return;
			this.particles.burst(x, y, 34, 520, seatTint(victim), 1.1, true);
			const nameOf = (seat: number): string => room.roster.get(seat) ?? `seat ${seat}`;
			const isOwn = killer === room.player || victim === room.player;
			this.feed.add(killer === NOBODY ? null : nameOf(killer), nameOf(victim), isOwn);
		});
	}

	private explodeShip(x: number, y: number): void {
		this.particles.burst(x, y, 46, 620, TINT.fire, 0.9, true);
		this.particles.burst(x, y, 40, 260, TINT.fire, 0.9, false);
		this.particles.burst(x, y, 14, 150, TINT.spark, 0.5, false);
		this.waves.add(x, y, 120, 0.7, TINT.fire);
		this.waves.add(x, y, 62, 0.4, TINT.spark);
		if (this.camera.sees(x, y, 0)) this.camera.jolt(9);
	}

	private breakRock(x: number, y: number, size: number): void {
		this.particles.burst(x, y, 8 + size * 5, 120 + size * 70, TINT.rock, 0.9, false);
		this.particles.burst(x, y, 6 + size * 4, 260 + size * 60, TINT.spark, 0.5, true);
		this.waves.add(x, y, 18 + size * 16, 0.4, TINT.rock);
		if (this.camera.sees(x, y, 0)) this.camera.jolt(size);
	}

	/** Shows the own beam at once, when the own ship is computed ahead. */
	showOwnBeam(room: ArenaRoom, { state, ownRow, player }: Scene): void {
		const beam = state ? this.ownBeam.look(state, ownRow) : null;
		if (!beam || this.isMuted || !room.stats.prediction.isOn) return;
		this.beams.add(beam.x, beam.y, beam.tx, beam.ty, seatTint(player));
	}

	draw(context: CanvasRenderingContext2D, dt: number): void {
		this.beams.draw(context, this.camera, dt);
		this.waves.draw(context, this.camera, dt);
		this.particles.draw(context, this.camera, dt);
	}
}
