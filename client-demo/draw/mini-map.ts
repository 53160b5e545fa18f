import { FLAG_DEAD, WORLD } from "../../game-logic/arena/constants.ts";
import type { Camera } from "./camera.ts";
import type { Scene } from "./scene.ts";
import { seatTint, tintOf } from "./tints.ts";

const EDGE = 12;
/** A phone, upright or not, has a shorter side than that, and less room for a map. */
const SMALL_SCREEN = 600;

/** Side of the map on a screen of this size, CSS pixels. */
export function miniMapSide(width: number, height: number): number {
	return Math.min(width, height) < SMALL_SCREEN ? 84 : 148;
}

/** The whole world in the upper left corner: rocks, ships, and what the screen shows of it. */
export function drawMiniMap(
	context: CanvasRenderingContext2D,
	{ state, player }: Scene,
	camera: Camera,
): void {
	if (!state) return;
	const { width, height } = camera;
	const side = miniMapSide(width, height);
	const left = EDGE;
	const top = EDGE;
	const scale = side / WORLD;
	camera.toScreen(context);
	context.fillStyle = "#0a1120c4";
	context.fillRect(left, top, side, side);
	context.save();
	context.beginPath();
	context.rect(left, top, side, side);
	context.clip();
	const { asteroid, ship } = state;
	context.fillStyle = "#5d6c88";
	for (let i = 0; i < asteroid.used; i++) {
		if (asteroid.gen[i] === 0) continue;
		const size = 0.6 + asteroid.size[i] * 0.8;
		context.fillRect(
			left + asteroid.x[i] * scale - size / 2,
			top + asteroid.y[i] * scale - size / 2,
			size,
			size,
		);
	}
	context.strokeStyle = "#ffffff30";
	context.lineWidth = 1;
	context.strokeRect(
		left + (camera.x - width / 2 / camera.scale) * scale,
		top + (camera.y - height / 2 / camera.scale) * scale,
		(width / camera.scale) * scale,
		(height / camera.scale) * scale,
	);
	for (let i = 0; i < ship.used; i++) {
		if (ship.gen[i] === 0 || (ship.flags[i] & FLAG_DEAD) !== 0) continue;
		const seat = ship.player[i];
		const isOwn = seat === player;
		context.fillStyle = isOwn ? "#ffffff" : tintOf(seatTint(seat)).line;
		context.beginPath();
		context.arc(
			left + ship.x[i] * scale,
			top + ship.y[i] * scale,
			isOwn ? 3.2 : 2.4,
			0,
			Math.PI * 2,
		);
		context.fill();
	}
	context.restore();
	context.strokeStyle = "#2c3d5c";
	context.strokeRect(left + 0.5, top + 0.5, side - 1, side - 1);
}
