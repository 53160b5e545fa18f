import {
	FLAG_DEAD,
	FLAG_PROTECTED,
	FLAG_THRUST,
	SHIELD_FULL,
	SHIP_RADIUS,
} from "../../game-logic/arena/constants.ts";
import type { Camera } from "./camera.ts";
import type { Particles } from "./particles.ts";
import type { ArenaState, Scene } from "./scene.ts";
import { COCKPIT, HULL, NOZZLE, WINGS } from "./ship-shape.ts";
import { seatTint, TINT, type Tint, tintOf } from "./tints.ts";

const RING = SHIP_RADIUS + 9;
const EMBERS_PER_SECOND = 45;
const FLASH_SECONDS = 0.3;
/** From hardly any shield to all of it. */
const SHIELD_COLOURS = ["#ff5a5a", "#ff8f4a", "#ffc94a", "#b8e45f", "#5fe3b0", "#5fd0ff"] as const;

/** Draws the ships: hull, flame, shield, and the light that one's hit makes on it. */
export class ShipPainter {
	private readonly context: CanvasRenderingContext2D;
	private readonly particles: Particles;
	private table: ArenaState["ship"] | null = null;
	/** Shield in the frame before, and seconds that a hit still shows. */
	private shield = new Float32Array(0);
	private flash = new Float32Array(0);

	constructor(context: CanvasRenderingContext2D, particles: Particles) {
		this.context = context;
		this.particles = particles;
	}

	draw({ state, player }: Scene, camera: Camera, seconds: number, dt: number): void {
		if (!state) return;
		const { ship } = state;
		this.fit(ship);
		this.context.lineJoin = "round";
		for (let i = 0; i < ship.used; i++) {
			if (ship.gen[i] === 0) continue;
			const flags = ship.flags[i];
			this.noteShield(i, ship.shield[i], dt);
			if ((flags & FLAG_DEAD) !== 0) continue;
			const x = ship.x[i];
			const y = ship.y[i];
			if (!camera.sees(x, y, 40)) continue;
			const seat = ship.player[i];
			const tint = tintOf(seatTint(seat));
			const angle = ship.angle[i];
			const cos = Math.cos(angle);
			const sin = Math.sin(angle);
			this.drawHalo(camera, x, y, tint, seat === player);
			if ((flags & FLAG_THRUST) !== 0) this.drawFlame(camera, x, y, cos, sin, dt);
			this.drawHull(camera, x, y, cos, sin, tint, seat === player);
			this.drawShield(camera, i, x, y, flags, seconds);
		}
	}

	private fit(ship: ArenaState["ship"]): void {
		if (this.table === ship) return;
		this.table = ship;
		this.shield = new Float32Array(ship.capacity);
		this.flash = new Float32Array(ship.capacity);
	}

	private noteShield(row: number, shield: number, dt: number): void {
		const isHit = shield < this.shield[row] - 1;
		this.flash[row] = isHit ? FLASH_SECONDS : Math.max(0, this.flash[row] - dt);
		this.shield[row] = shield;
	}

	private drawHalo(camera: Camera, x: number, y: number, { glow }: Tint, isOwn: boolean): void {
		const { context } = this;
		const across = SHIP_RADIUS * (isOwn ? 8.5 : 6);
		camera.toPlace(context, x, y, 1, 0, 1);
		context.globalCompositeOperation = "lighter";
		context.globalAlpha = isOwn ? 0.3 : 0.22;
		context.drawImage(glow, -across / 2, -across / 2, across, across);
		context.globalAlpha = 1;
		context.globalCompositeOperation = "source-over";
	}

	private drawHull(
		camera: Camera,
		x: number,
		y: number,
		cos: number,
		sin: number,
		tint: Tint,
		isOwn: boolean,
	): void {
		const { context } = this;
		camera.toPlace(context, x, y, cos, sin, SHIP_RADIUS);
		context.lineWidth = 1.7 / SHIP_RADIUS;
		context.strokeStyle = isOwn ? "#ffffff" : tint.line;
		context.fillStyle = tint.deep;
		context.fill(WINGS);
		context.stroke(WINGS);
		context.fillStyle = tint.mid;
		context.fill(HULL);
		context.stroke(HULL);
		context.fillStyle = isOwn ? tint.line : tint.text;
		context.fill(COCKPIT);
	}

	private drawFlame(
		camera: Camera,
		x: number,
		y: number,
		cos: number,
		sin: number,
		dt: number,
	): void {
		const { context, particles } = this;
		const { glow, streak } = tintOf(TINT.fire);
		const length = 1.7 + Math.random() * 0.7;
		camera.toPlace(context, x, y, cos, sin, SHIP_RADIUS);
		context.globalCompositeOperation = "lighter";
		context.drawImage(streak, NOZZLE - length, -0.42, length, 0.84);
		context.drawImage(glow, NOZZLE - 0.9, -0.9, 1.8, 1.8);
		context.globalCompositeOperation = "source-over";
		if (Math.random() >= EMBERS_PER_SECOND * dt) return;
		const back = SHIP_RADIUS * 1.2;
		const side = (Math.random() - 0.5) * 70;
		particles.add(
			x - cos * back,
			y - sin * back,
			-cos * 170 - sin * side,
			-sin * 170 + cos * side,
			TINT.fire,
			0.25 + Math.random() * 0.35,
			5 + Math.random() * 5,
			false,
		);
	}

	private drawShield(
		camera: Camera,
		row: number,
		x: number,
		y: number,
		flags: number,
		seconds: number,
	): void {
		const { context } = this;
		const share = Math.min(1, this.shield[row] / SHIELD_FULL);
		const hit = this.flash[row] / FLASH_SECONDS;
		camera.toPlace(context, x, y, 1, 0, 1);
		if ((flags & FLAG_PROTECTED) !== 0) {
			context.strokeStyle = "#ffe27a";
			context.lineWidth = 2.2;
			context.globalAlpha = 0.6 + 0.3 * Math.sin(seconds * 9);
			for (let part = 0; part < 3; part++) {
				const from = seconds * 2.4 + (part * Math.PI * 2) / 3;
				context.beginPath();
				context.arc(0, 0, RING, from, from + 1.4);
				context.stroke();
			}
			context.globalAlpha = 1;
			return;
		}
		const last = SHIELD_COLOURS.length - 1;
		context.strokeStyle = SHIELD_COLOURS[Math.round(share * last)];
		context.lineWidth = 1.2;
		context.globalAlpha = 0.16 + 0.5 * hit;
		context.beginPath();
		context.arc(0, 0, RING, 0, Math.PI * 2);
		context.stroke();
		context.lineWidth = 2 + 2.5 * hit;
		context.globalAlpha = Math.min(1, (share > 0.99 ? 0.4 : 0.85) + hit);
		context.beginPath();
		context.arc(0, 0, RING, -Math.PI / 2, -Math.PI / 2 + Math.PI * 2 * share);
		context.stroke();
		context.globalAlpha = 1;
	}
}
