import { FLAG_DEAD, SHIP_RADIUS } from "../../game-logic/arena/constants.ts";
import type { Camera } from "./camera.ts";
import type { Scene } from "./scene.ts";
import { seatTint, tintOf } from "./tints.ts";

/** Names above the others' ships, as large on every screen. */
export function drawNames(
	context: CanvasRenderingContext2D,
	{ state, roster, player }: Scene,
	camera: Camera,
): void {
	if (!state) return;
	const { ship } = state;
	camera.toScreen(context);
	context.font = "600 12px system-ui, sans-serif";
	context.textAlign = "center";
	context.lineJoin = "round";
	context.lineWidth = 3;
	context.strokeStyle = "#05080fcc";
	const above = (SHIP_RADIUS + 15) * camera.scale + 2;
	for (let i = 0; i < ship.used; i++) {
		if (ship.gen[i] === 0 || (ship.flags[i] & FLAG_DEAD) !== 0) continue;
		const seat = ship.player[i];
		const x = ship.x[i];
		const y = ship.y[i];
		if (seat === player || !camera.sees(x, y, 80)) continue;
		const name = roster.get(seat);
		if (name === undefined) continue;
		const left = camera.screenX(x);
		const top = camera.screenY(y) - above;
		context.strokeText(name, left, top);
		context.fillStyle = tintOf(seatTint(seat)).text;
		context.fillText(name, left, top);
	}
}
