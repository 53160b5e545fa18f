import type { Room } from "../client/index.ts";
import {
	EXPLOSION_SHIP,
	FLAG_DEAD,
	NOBODY,
	SHIELD_FULL,
	WORLD,
} from "../game-logic/arena/constants.ts";
import type arena from "../game-logic/arena/schema.ts";
import { Camera } from "./camera.ts";
import { hueOf } from "./colours.ts";
import {
	type ArenaState,
	BulletTrails,
	drawAsteroids,
	drawBullets,
	drawGround,
	drawShips,
} from "./draw-world.ts";
import { Feed } from "./feed.ts";
import { Particles } from "./particles.ts";
import { drawStars } from "./stars.ts";

/** Draws the room on the canvas, once per frame of the display. */
export class GameView {
	private readonly canvas: HTMLCanvasElement;
	private readonly context: CanvasRenderingContext2D;
	private readonly shield: HTMLElement;
	private readonly camera = new Camera();
	private readonly particles = new Particles();
	private readonly trails = new BulletTrails();
	private readonly feed: Feed;
	private ratio = 1;

	constructor(canvas: HTMLCanvasElement, feed: HTMLElement, shield: HTMLElement) {
		this.canvas = canvas;
		this.context = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
		this.feed = new Feed(feed);
		this.shield = shield;
		this.camera.x = WORLD / 2;
		this.camera.y = WORLD / 2;
		addEventListener("resize", () => this.resize());
		this.resize();
	}

	private resize(): void {
		this.ratio = Math.min(devicePixelRatio || 1, 2);
		this.canvas.width = Math.round(innerWidth * this.ratio);
		this.canvas.height = Math.round(innerHeight * this.ratio);
		this.camera.resize(innerWidth, innerHeight);
	}

	/** Shows what happens in a room: sparks, explosions, the feed. */
	listenTo(room: Room<typeof arena>): void {
		room.on("hit", ({ x, y }) => this.particles.burst(x, y, 10, 160, 190, 0.4));
		room.on("explosion", ({ x, y, size }) => {
			const isShip = size === EXPLOSION_SHIP;
			this.particles.burst(
				x,
				y,
				isShip ? 90 : 14 + size * 12,
				isShip ? 330 : 120 + size * 40,
				isShip ? 22 : 38,
				isShip ? 1.1 : 0.7,
			);
			if (this.camera.sees(x, y, 0)) this.camera.jolt(isShip ? 9 : size);
		});
		room.on("kill", ({ killer, victim, x, y }) => {
			this.particles.burst(x, y, 40, 240, hueOf(victim), 1.2);
			const nameOf = (player: number): string => room.roster.get(player) ?? `seat ${player}`;
			this.feed.kill(killer === NOBODY ? null : nameOf(killer), nameOf(victim));
		});
	}

	draw(room: Room<typeof arena> | null, nowMs: number, dt: number): void {
		const { context, camera, ratio } = this;
		context.setTransform(1, 0, 0, 1, 0, 0);
		context.fillStyle = "#05080f";
		context.fillRect(0, 0, this.canvas.width, this.canvas.height);
		drawStars(context, camera, ratio);
		const state = room?.state;
		if (!room || !state?.ship) return;
		this.followOwn(state, room.player, dt);
		camera.apply(context, ratio);
		drawGround(context);
		drawAsteroids(context, state, camera, nowMs / 1000);
		drawBullets(context, state, camera, this.trails);
		drawShips(context, state, camera, room.roster, room.player, nowMs / 1000, this.particles);
		this.particles.draw(context, camera, dt);
	}

	private followOwn({ ship }: ArenaState, own: number, dt: number): void {
		for (let i = 0; i < ship.used; i++) {
			if (ship.gen[i] === 0 || ship.player[i] !== own) continue;
			const isDead = ((ship.flags[i] as number) & FLAG_DEAD) !== 0;
			this.camera.follow(ship.x[i] as number, ship.y[i] as number, dt);
			const share = isDead ? 0 : (ship.shield[i] as number) / SHIELD_FULL;
			this.shield.style.transform = `scaleX(${share})`;
			return;
		}
	}
}
