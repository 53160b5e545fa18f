import { ctx } from "hotstep/assembly";
import {
	AGENT_MIN_SPEED,
	AGENT_SIGHT,
	AGENT_SPACE,
	AGENT_TOP_SPEED,
	ALIGNMENT,
	CELLS,
	COHESION,
	LOOKS_PER_LINE,
	SEPARATION,
	WALL_MARGIN,
	WALL_PUSH,
	WORLD,
} from "../constants";
import { agent } from "../generated/layout";
import { direction } from "./direction";
import { near, pushX, pushY, sortedVx, sortedVy, sortedX, sortedY } from "./sorted";

const PER_SIGHT_SQUARE: f32 = <f32>1.0 / <f32>(AGENT_SIGHT * AGENT_SIGHT);
const PER_SPACE_SQUARE: f32 = <f32>1.0 / <f32>(AGENT_SPACE * AGENT_SPACE);
const TOP_SPEED: f32 = <f32>AGENT_TOP_SPEED;
const MIN_SPEED: f32 = <f32>AGENT_MIN_SPEED;
const MARGIN: f32 = <f32>WALL_MARGIN;
const FAR_MARGIN: f32 = <f32>(WORLD - WALL_MARGIN);

/** Moves every agent by its neighbours, after Reynolds' boids (1987), cell by cell. */
export function flock(): void {
	for (let line = 0; line < CELLS; line++) {
		for (let column = 0; column < CELLS; column++) {
			const end = near.end(column, line);
			for (let k = near.start(column, line); k < end; k++) flockOne(k, column, line);
		}
	}
}

/** Moves the agent at place k of the sorted copies, which lies in this cell. */
function flockOne(k: i32, column: i32, line: i32): void {
	const x = sortedX[k];
	const y = sortedY[k];
	const left = max(column - 1, 0);
	const right = min(column + 1, CELLS - 1);
	const last = min(line + 1, CELLS - 1);
	let weight: f32 = 0;
	let otherX: f32 = 0;
	let otherY: f32 = 0;
	let otherVx: f32 = 0;
	let otherVy: f32 = 0;
	let awayX: f32 = 0;
	let awayY: f32 = 0;
	for (let row = max(line - 1, 0); row <= last; row++) {
		let at = near.start(left, row);
		let end = near.end(right, row);
		const beyond = end - at - LOOKS_PER_LINE;
		if (beyond > 0) {
			// a window that wanders from agent to agent and tick to tick favours no side
			at += ((<i32>((<u32>k * 7 + ctx.tick * 13) * 40503) & 0xffff) * (beyond + 1)) >> 16;
			end = at + LOOKS_PER_LINE;
		}
		for (; at < end; at++) {
			const dx = sortedX[at] - x;
			const dy = sortedY[at] - y;
			const square = dx * dx + dy * dy;
			// t + |t| is 2 max(t, 0) without a branch: whether somebody is in sight cannot be predicted
			const inSight = <f32>1.0 - square * PER_SIGHT_SQUARE;
			const tooNear = <f32>1.0 - square * PER_SPACE_SQUARE;
			const heed = inSight + abs(inSight);
			const avoid = tooNear + abs(tooNear);
			weight += heed;
			otherX += dx * heed;
			otherY += dy * heed;
			otherVx += sortedVx[at] * heed;
			otherVy += sortedVy[at] * heed;
			awayX -= dx * avoid;
			awayY -= dy * avoid;
		}
	}
	// it may have looked at itself, which only weakens these means; nobody in sight leaves them 0
	const each = <f32>1.0 / (weight + <f32>0.001);
	const vx = sortedVx[k];
	const vy = sortedVy[k];
	const alongX = (otherVx - vx * weight) * each;
	const alongY = (otherVy - vy * weight) * each;
	const ax =
		awayX * <f32>SEPARATION + alongX * <f32>ALIGNMENT + otherX * each * <f32>COHESION;
	const ay =
		awayY * <f32>SEPARATION + alongY * <f32>ALIGNMENT + otherY * each * <f32>COHESION;
	const dt = ctx.dt;
	move(
		near.item(k),
		x,
		y,
		vx + (ax + pushX[k] + fromWalls(x)) * dt,
		vy + (ay + pushY[k] + fromWalls(y)) * dt,
	);
}

/** Acceleration away from the walls of one axis. */
// @ts-ignore: decorator
@inline
function fromWalls(at: f32): f32 {
	if (at < MARGIN) return (MARGIN - at) * <f32>WALL_PUSH;
	if (at > FAR_MARGIN) return (FAR_MARGIN - at) * <f32>WALL_PUSH;
	return 0;
}

/** Brings the speed between its bounds and takes the step. */
// @ts-ignore: decorator
@inline
function move(i: i32, x: f32, y: f32, vx: f32, vy: f32): void {
	const speed = Mathf.sqrt(vx * vx + vy * vy);
	const kept = min(max(speed, MIN_SPEED), TOP_SPEED) / max(speed, <f32>0.001);
	vx *= kept;
	vy *= kept;
	agent.vx[i] = vx;
	agent.vy[i] = vy;
	agent.x[i] = min(max(x + vx * ctx.dt, 0), <f32>WORLD);
	agent.y[i] = min(max(y + vy * ctx.dt, 0), <f32>WORLD);
	agent.heading[i] = direction(vx, vy);
}
