import type { StateView } from "../client/index.ts";
import {
	ASTEROID_RADIUS_PER_SIZE,
	FLAG_DEAD,
	FLAG_PROTECTED,
	FLAG_THRUST,
	SHIELD_FULL,
	SHIP_RADIUS,
	WORLD,
} from "../game-logic/arena/constants.ts";
import type arena from "../game-logic/arena/schema.ts";
import type { Camera } from "./camera.ts";
import { colourOf } from "./colours.ts";
import type { Particles } from "./particles.ts";

export type ArenaState = StateView<typeof arena>;

const GRID = 256;
const ROCK_CORNERS = 11;

/** The border of the world and faint lines to see motion by. */
export function drawGround(context: CanvasRenderingContext2D): void {
	context.strokeStyle = "#17233a";
	context.lineWidth = 1;
	context.beginPath();
	for (let at = GRID; at < WORLD; at += GRID) {
		context.moveTo(at, 0);
		context.lineTo(at, WORLD);
		context.moveTo(0, at);
		context.lineTo(WORLD, at);
	}
	context.stroke();
	context.strokeStyle = "#3f6fb5";
	context.lineWidth = 4;
	context.shadowColor = "#4d8dff";
	context.shadowBlur = 18;
	context.strokeRect(0, 0, WORLD, WORLD);
	context.shadowBlur = 0;
}

/** A number from 0 to 1 that is always the same for the same rock and corner. */
function noise(seed: number): number {
	const x = Math.sin(seed * 12.9898) * 43758.5453;
	return x - Math.floor(x);
}

export function drawAsteroids(
	context: CanvasRenderingContext2D,
	{ asteroid }: ArenaState,
	camera: Camera,
	seconds: number,
): void {
	context.lineWidth = 2;
	context.lineJoin = "round";
	for (let i = 0; i < asteroid.used; i++) {
		const gen = asteroid.gen[i] as number;
		if (gen === 0) continue;
		const x = asteroid.x[i] as number;
		const y = asteroid.y[i] as number;
		const radius = (asteroid.size[i] as number) * ASTEROID_RADIUS_PER_SIZE;
		if (!camera.sees(x, y, radius * 2)) continue;
		// shape and spin follow from row and generation, so every page shows the same rock
		const seed = i * 31 + gen;
		const turn = seconds * (noise(seed) - 0.5) * 1.6;
		context.beginPath();
		for (let corner = 0; corner < ROCK_CORNERS; corner++) {
			const angle = turn + (corner / ROCK_CORNERS) * Math.PI * 2;
			const reach = radius * (0.78 + 0.3 * noise(seed + corner * 7.3));
			context.lineTo(x + Math.cos(angle) * reach, y + Math.sin(angle) * reach);
		}
		context.closePath();
		context.fillStyle = "#1a2233";
		context.fill();
		context.strokeStyle = "#7d8ca6";
		context.stroke();
	}
}

export function drawBullets(
	context: CanvasRenderingContext2D,
	{ bullet }: ArenaState,
	camera: Camera,
	trail: BulletTrails,
): void {
	context.globalCompositeOperation = "lighter";
	context.lineCap = "round";
	for (let i = 0; i < bullet.used; i++) {
		const gen = bullet.gen[i] as number;
		if (gen === 0) continue;
		const x = bullet.x[i] as number;
		const y = bullet.y[i] as number;
		const [dx, dy] = trail.step(i, gen, x, y);
		if (!camera.sees(x, y, 40)) continue;
		const shooter = bullet.shooter[i] as number;
		context.strokeStyle = colourOf(shooter, 60, 0.35);
		context.lineWidth = 6;
		context.beginPath();
		context.moveTo(x - dx * 2.2, y - dy * 2.2);
		context.lineTo(x, y);
		context.stroke();
		context.strokeStyle = colourOf(shooter, 88);
		context.lineWidth = 2.4;
		context.beginPath();
		context.moveTo(x - dx, y - dy);
		context.lineTo(x, y);
		context.stroke();
	}
	context.globalCompositeOperation = "source-over";
}

/** Which way each bullet flies, seen from where it was in the frame before. */
export class BulletTrails {
	private readonly gen = new Uint16Array(512);
	private readonly x = new Float32Array(512);
	private readonly y = new Float32Array(512);
	private readonly way: [number, number] = [0, 0];

	/** A piece of the way of 8 units, or none in a bullet's first frame. */
	step(row: number, gen: number, x: number, y: number): readonly [number, number] {
		const { way } = this;
		const dx = x - (this.x[row] as number);
		const dy = y - (this.y[row] as number);
		const length = Math.hypot(dx, dy);
		const isKnown = this.gen[row] === gen && length > 0 && length < 200;
		way[0] = isKnown ? (dx / length) * 8 : 0;
		way[1] = isKnown ? (dy / length) * 8 : 0;
		this.gen[row] = gen;
		this.x[row] = x;
		this.y[row] = y;
		return way;
	}
}

export function drawShips(
	context: CanvasRenderingContext2D,
	{ ship }: ArenaState,
	camera: Camera,
	roster: ReadonlyMap<number, string>,
	own: number,
	seconds: number,
	particles: Particles,
): void {
	context.textAlign = "center";
	context.font = "600 12px system-ui, sans-serif";
	for (let i = 0; i < ship.used; i++) {
		if (ship.gen[i] === 0) continue;
		const flags = ship.flags[i] as number;
		if ((flags & FLAG_DEAD) !== 0) continue;
		const x = ship.x[i] as number;
		const y = ship.y[i] as number;
		if (!camera.sees(x, y, 60)) continue;
		const player = ship.player[i] as number;
		const angle = ship.angle[i] as number;
		const cos = Math.cos(angle);
		const sin = Math.sin(angle);
		if ((flags & FLAG_THRUST) !== 0) drawFlame(context, x, y, cos, sin, particles);
		drawHull(context, x, y, cos, sin, player, player === own);
		drawShield(context, x, y, ship.shield[i] as number, flags, seconds);
		if (player !== own) {
			context.fillStyle = colourOf(player, 80, 0.9);
			context.fillText(roster.get(player) ?? "", x, y - SHIP_RADIUS - 12);
		}
	}
}

function drawHull(
	context: CanvasRenderingContext2D,
	x: number,
	y: number,
	cos: number,
	sin: number,
	player: number,
	isOwn: boolean,
): void {
	const r = SHIP_RADIUS;
	const point = (forward: number, side: number): void => {
		context.lineTo(x + (cos * forward - sin * side) * r, y + (sin * forward + cos * side) * r);
	};
	context.beginPath();
	point(1.15, 0);
	point(-0.85, 0.8);
	point(-0.5, 0);
	point(-0.85, -0.8);
	context.closePath();
	context.fillStyle = colourOf(player, 26);
	context.fill();
	context.shadowColor = colourOf(player, 60);
	context.shadowBlur = isOwn ? 16 : 8;
	context.strokeStyle = isOwn ? "#ffffff" : colourOf(player, 70);
	context.lineWidth = 2;
	context.stroke();
	context.shadowBlur = 0;
}

function drawFlame(
	context: CanvasRenderingContext2D,
	x: number,
	y: number,
	cos: number,
	sin: number,
	particles: Particles,
): void {
	const tail = SHIP_RADIUS * 0.7;
	const length = SHIP_RADIUS * (1.3 + Math.random() * 0.7);
	context.globalCompositeOperation = "lighter";
	context.fillStyle = "#ff9a3c";
	context.beginPath();
	context.moveTo(x - cos * tail - sin * 4, y - sin * tail + cos * 4);
	context.lineTo(x - cos * length, y - sin * length);
	context.lineTo(x - cos * tail + sin * 4, y - sin * tail - cos * 4);
	context.fill();
	context.globalCompositeOperation = "source-over";
	const spread = (Math.random() - 0.5) * 60;
	particles.add(
		x - cos * tail,
		y - sin * tail,
		-cos * 160 - sin * spread,
		-sin * 160 + cos * spread,
		28,
		0.35,
		2.2,
	);
}

function drawShield(
	context: CanvasRenderingContext2D,
	x: number,
	y: number,
	shield: number,
	flags: number,
	seconds: number,
): void {
	const isProtected = (flags & FLAG_PROTECTED) !== 0;
	const share = Math.min(1, shield / SHIELD_FULL);
	context.lineWidth = isProtected ? 2.5 : 1.5;
	const pulse = 0.45 + 0.35 * Math.sin(seconds * 12);
	context.strokeStyle = isProtected
		? `hsl(50 100% 70% / ${pulse})`
		: `hsl(${190 - (1 - share) * 180} 90% 65% / ${0.15 + 0.35 * share})`;
	context.beginPath();
	context.arc(
		x,
		y,
		SHIP_RADIUS + 7,
		-Math.PI / 2,
		-Math.PI / 2 + Math.PI * 2 * (isProtected ? 1 : share),
	);
	context.stroke();
}
