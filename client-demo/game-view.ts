import { AsteroidPainter } from "./draw/asteroid-painter.ts";
import { BulletPainter } from "./draw/bullet-painter.ts";
import { Camera } from "./draw/camera.ts";
import { drawGround } from "./draw/draw-ground.ts";
import { drawNames } from "./draw/draw-names.ts";
import { Effects } from "./draw/effects.ts";
import { drawGhost } from "./draw/ghost.ts";
import { drawMiniMap, miniMapSide } from "./draw/mini-map.ts";
import type { ArenaRoom, Scene } from "./draw/scene.ts";
import { ShipPainter } from "./draw/ship-painter.ts";
import { Sky } from "./draw/sky.ts";
import type { KillFeed } from "./ui/kill-feed.ts";

/** More dots than that nobody sees, but a phone has to fill them. */
const MOST_RATIO = 2;

/** Draws the scene on the canvas, once per frame of the display. */
export class GameView {
	private readonly canvas: HTMLCanvasElement;
	private readonly context: CanvasRenderingContext2D;
	private readonly camera = new Camera();
	private readonly sky = new Sky();
	private readonly effects: Effects;
	private readonly asteroids: AsteroidPainter;
	private readonly bullets = new BulletPainter();
	private readonly ships: ShipPainter;

	constructor(canvas: HTMLCanvasElement, feed: KillFeed) {
		const context = canvas.getContext("2d", { alpha: false });
		if (!context) throw new Error("this browser has no 2D canvas");
		this.canvas = canvas;
		this.context = context;
		this.effects = new Effects(this.camera, feed);
		this.asteroids = new AsteroidPainter(context);
		this.ships = new ShipPainter(context, this.effects.particles);
		addEventListener("resize", () => this.resize());
		this.resize();
	}

	private resize(): void {
		const ratio = Math.min(devicePixelRatio || 1, MOST_RATIO);
		this.canvas.width = Math.round(innerWidth * ratio);
		this.canvas.height = Math.round(innerHeight * ratio);
		this.camera.resize(innerWidth, innerHeight, ratio);
		// what lies over the canvas keeps clear of the map on it
		const side = miniMapSide(innerWidth, innerHeight);
		document.documentElement.style.setProperty("--map", `${side}px`);
	}

	/** Shows what happens in a room: sparks, explosions, the feed. */
	listenTo(room: ArenaRoom): void {
		this.effects.listenTo(room);
	}

	/** Whether events pass unseen, because too many come at once. */
	mute(isMuted: boolean): void {
		this.effects.isMuted = isMuted;
	}

	/** `room` is the one being played; with `hasGhost`, the own ship is outlined where the server has it. */
	draw(scene: Scene, room: ArenaRoom | null, hasGhost: boolean, nowMs: number, dt: number): void {
		const { context, camera } = this;
		const { state, ownRow } = scene;
		if (state && ownRow >= 0) {
			camera.follow(state.ship.x[ownRow], state.ship.y[ownRow], dt);
		}
		camera.advance(dt);
		this.sky.draw(context, camera);
		if (!state) return;
		const seconds = nowMs / 1000;
		drawGround(context, camera);
		this.asteroids.draw(state, camera, seconds);
		this.bullets.draw(context, state, camera);
		this.ships.draw(scene, camera, seconds, dt);
		if (room) this.effects.showOwnBeam(room, scene);
		if (room && hasGhost && ownRow >= 0) drawGhost(context, room, ownRow, camera);
		this.effects.draw(context, dt);
		drawNames(context, scene, camera);
		drawMiniMap(context, scene, camera);
	}
}
