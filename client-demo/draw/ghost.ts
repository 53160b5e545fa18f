import { POSITION_STEP, SHIP_RADIUS } from "../../game-logic/arena/constants.ts";
import type { Camera } from "./camera.ts";
import type { ArenaRoom } from "./scene.ts";
import { HULL, WINGS } from "./ship-shape.ts";

/** Outlines the own ship where the last snapshot has it: that is how far the page is ahead. */
export function drawGhost(
	context: CanvasRenderingContext2D,
	room: ArenaRoom,
	row: number,
	camera: Camera,
): void {
	const table = room.schema?.tables.findIndex(({ name }) => name === "ship") ?? -1;
	const columns = room.schema?.tables[table]?.columns;
	const ship = room.received?.[table];
	if (!columns || !ship || ship.gen[row] === 0) return;
	const travelled = (name: string): number => {
		const c = columns.findIndex((column) => column.name === name);
		return ship.columns[c]?.value[row] ?? 0;
	};
	const q = columns.find(({ name }) => name === "angle")?.quantisation;
	const turn = q?.kind === "angle" ? 2 ** q.bits : 1;
	const angle = (travelled("angle") / turn) * 2 * Math.PI;
	const x = travelled("x") * POSITION_STEP;
	const y = travelled("y") * POSITION_STEP;
	camera.toPlace(context, x, y, Math.cos(angle), Math.sin(angle), SHIP_RADIUS);
	context.strokeStyle = "#ff8fa3";
	context.lineWidth = 1.6 / SHIP_RADIUS;
	context.globalAlpha = 0.8;
	context.stroke(WINGS);
	context.stroke(HULL);
	context.globalAlpha = 1;
}
