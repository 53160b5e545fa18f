import { ASTEROID_RADIUS_PER_SIZE } from "../../game-logic/arena/constants.ts";
import type { Camera } from "./camera.ts";
import { ROCK_CORNERS, ROCK_CRATERS, RockShapes } from "./rock-shapes.ts";
import type { ArenaState } from "./scene.ts";

/** Draws asteroids as lit, cratered rocks that spin slowly. */
export class AsteroidPainter {
	private readonly context: CanvasRenderingContext2D;
	private readonly shapes = new RockShapes();
	private readonly stone: CanvasGradient;

	constructor(context: CanvasRenderingContext2D) {
		this.context = context;
		// for a rock of radius 1: light from the upper left, as on every rock whichever way it is turned
		this.stone = context.createRadialGradient(-0.5, -0.55, 0.1, -0.1, -0.1, 1.25);
		this.stone.addColorStop(0, "#5a6478");
		this.stone.addColorStop(0.45, "#333c4e");
		this.stone.addColorStop(1, "#141926");
	}

	draw({ asteroid }: ArenaState, camera: Camera, seconds: number): void {
		const { context, shapes } = this;
		shapes.fit(asteroid.capacity);
		context.lineJoin = "round";
		for (let i = 0; i < asteroid.used; i++) {
			const gen = asteroid.gen[i];
			if (gen === 0) continue;
			const x = asteroid.x[i];
			const y = asteroid.y[i];
			const radius = asteroid.size[i] * ASTEROID_RADIUS_PER_SIZE;
			if (!camera.sees(x, y, radius * 1.3)) continue;
			shapes.prepare(i, gen);
			this.drawRock(camera, i, x, y, radius, seconds);
		}
	}

	private drawRock(
		camera: Camera,
		row: number,
		x: number,
		y: number,
		radius: number,
		seconds: number,
	): void {
		const { context, shapes } = this;
		const turn = shapes.spin(row) * seconds;
		const cos = Math.cos(turn);
		const sin = Math.sin(turn);
		camera.toPlace(context, x, y, cos, sin, radius);
		context.beginPath();
		for (let corner = 0; corner < ROCK_CORNERS; corner++) {
			context.lineTo(shapes.cornerX(row, corner), shapes.cornerY(row, corner));
		}
		context.closePath();
		// the outline is turned already; the light must not turn with it
		camera.toPlace(context, x, y, 1, 0, radius);
		context.fillStyle = this.stone;
		context.fill();
		context.strokeStyle = "#8b9ab8";
		context.lineWidth = 1.6 / radius;
		context.stroke();
		camera.toPlace(context, x, y, cos, sin, radius);
		context.fillStyle = "#0b0f1866";
		context.strokeStyle = "#9fb0d038";
		for (let crater = 0; crater < ROCK_CRATERS; crater++) {
			context.beginPath();
			context.arc(
				shapes.craterX(row, crater),
				shapes.craterY(row, crater),
				shapes.craterRadius(row, crater),
				0,
				Math.PI * 2,
			);
			context.fill();
			context.stroke();
		}
	}
}
