import {
	AGENT_MIN_SPEED,
	AGENT_SIGHT,
	AGENT_SPACE,
	AGENT_TOP_SPEED,
	AGENTS,
	ALIGNMENT,
	AVATAR_DRAG,
	AVATAR_RADIUS,
	AVATAR_THRUST,
	AVATAR_TURN,
	CALL_PULL,
	CALL_RADIUS,
	CELLS,
	COHESION,
	LOOKS_PER_LINE,
	SCARE_PUSH,
	SCARE_RADIUS,
	SEPARATION,
	WALL_MARGIN,
	WALL_PUSH,
	WORLD,
} from "../game-logic/swarm/constants.ts";
import { SeededRandom } from "../protocol/seeded-random.ts";

const DT = Math.fround(1 / 30);
const PER_CELL = 1 / AGENT_SIGHT;
const PER_SIGHT_SQUARE = 1 / (AGENT_SIGHT * AGENT_SIGHT);
const PER_SPACE_SQUARE = 1 / (AGENT_SPACE * AGENT_SPACE);
const FAR_MARGIN = WORLD - WALL_MARGIN;
const FAR_AVATAR = WORLD - AVATAR_RADIUS;
const TAU = 2 * Math.PI;

/** Where agents are and how fast; arrays of one length. */
export interface SwarmColumns {
	x: ArrayLike<number>;
	y: ArrayLike<number>;
	vx: ArrayLike<number>;
	vy: ArrayLike<number>;
}

/** A player among the agents: `turn` is -127 to 127. */
interface SwarmAvatar {
	x: number;
	y: number;
	angle: number;
	vx: number;
	vy: number;
	turn: number;
	thrust: boolean;
	call: boolean;
}

function cellOf(at: number): number {
	return Math.min(Math.max((at * PER_CELL) | 0, 0), CELLS - 1);
}

function fromWalls(at: number): number {
	if (at < WALL_MARGIN) return (WALL_MARGIN - at) * WALL_PUSH;
	if (at > FAR_MARGIN) return (FAR_MARGIN - at) * WALL_PUSH;
	return 0;
}

function between(value: number, least: number, most: number): number {
	return Math.min(Math.max(value, least), most);
}

/** See game-logic/swarm/rules/direction.ts. */
function direction(x: number, y: number): number {
	const side = x < 0 ? -1 : 1;
	const up = Math.abs(y);
	const r = (x - side * up) / (Math.abs(x) + up + 1e-9);
	const angle = Math.PI / 2 - side * (Math.PI / 4) + (0.1963 * r * r - 0.9817) * r;
	return y < 0 ? -angle : angle;
}

/**
 * The rules of game-logic/swarm once more, in TypeScript: what the wasm module is measured against.
 * The same grid, order, quota and sums, in typed arrays made once. Sums run in doubles, and the copies
 * that they read are doubles, since each rounding to f32 and back costs JavaScript time; so positions
 * drift from the module's by rounding only.
 */
export class SwarmTypescript {
	readonly x = new Float32Array(AGENTS);
	readonly y = new Float32Array(AGENTS);
	readonly vx = new Float32Array(AGENTS);
	readonly vy = new Float32Array(AGENTS);
	readonly heading = new Float32Array(AGENTS);
	readonly avatars: SwarmAvatar[] = [];

	private readonly starts = new Uint32Array(CELLS * CELLS + 1);
	private readonly cells = new Uint16Array(AGENTS);
	private readonly sorted = new Uint16Array(AGENTS);
	private readonly sortedX = new Float64Array(AGENTS);
	private readonly sortedY = new Float64Array(AGENTS);
	private readonly sortedVx = new Float64Array(AGENTS);
	private readonly sortedVy = new Float64Array(AGENTS);
	private readonly pushX = new Float64Array(AGENTS);
	private readonly pushY = new Float64Array(AGENTS);

	constructor(from: SwarmColumns) {
		this.x.set(from.x);
		this.y.set(from.y);
		this.vx.set(from.vx);
		this.vy.set(from.vy);
	}

	/** Scatters agents evenly. */
	static fromSeed(seed: number): SwarmTypescript {
		const random = new SeededRandom(seed).next;
		const rows = Array.from({ length: AGENTS }, () => [random(), random(), random() * TAU]);
		const speed = AGENT_TOP_SPEED / 2;
		return new SwarmTypescript({
			x: rows.map(([x]) => x * WORLD),
			y: rows.map(([, y]) => y * WORLD),
			vx: rows.map(([, , angle]) => Math.cos(angle) * speed),
			vy: rows.map(([, , angle]) => Math.sin(angle) * speed),
		});
	}

	step(tick: number): void {
		for (const avatar of this.avatars) this.steer(avatar);
		this.sortAgents();
		for (const { x, y, call } of this.avatars) {
			if (call) this.feel(x, y, CALL_RADIUS, -CALL_PULL);
			else this.feel(x, y, SCARE_RADIUS, SCARE_PUSH);
		}
		this.flock(tick);
	}

	private steer(avatar: SwarmAvatar): void {
		let angle = avatar.angle + (Math.max(avatar.turn, -127) / 127) * AVATAR_TURN * DT;
		if (angle < 0) angle += TAU;
		if (angle >= TAU) angle -= TAU;
		const kept = 1 - AVATAR_DRAG * DT;
		const thrust = avatar.thrust ? AVATAR_THRUST * DT : 0;
		const vx = avatar.vx * kept + Math.cos(angle) * thrust;
		const vy = avatar.vy * kept + Math.sin(angle) * thrust;
		const x = avatar.x + vx * DT;
		const y = avatar.y + vy * DT;
		avatar.angle = angle;
		avatar.vx = x < AVATAR_RADIUS || x > FAR_AVATAR ? 0 : vx;
		avatar.vy = y < AVATAR_RADIUS || y > FAR_AVATAR ? 0 : vy;
		avatar.x = between(x, AVATAR_RADIUS, FAR_AVATAR);
		avatar.y = between(y, AVATAR_RADIUS, FAR_AVATAR);
	}

	private sortAgents(): void {
		const { starts, cells, sorted, x, y, vx, vy, sortedX, sortedY, sortedVx, sortedVy } = this;
		starts.fill(0);
		for (let i = 0; i < AGENTS; i++) {
			const cell = cellOf(y[i]) * CELLS + cellOf(x[i]);
			cells[i] = cell;
			starts[cell]++;
		}
		let total = 0;
		for (let cell = 0; cell <= CELLS * CELLS; cell++) {
			total += starts[cell];
			starts[cell] = total;
		}
		for (let i = AGENTS - 1; i >= 0; i--) {
			const k = starts[cells[i]] - 1;
			starts[cells[i]] = k;
			sorted[k] = i;
		}
		for (let k = 0; k < AGENTS; k++) {
			const i = sorted[k];
			sortedX[k] = x[i];
			sortedY[k] = y[i];
			sortedVx[k] = vx[i];
			sortedVy[k] = vy[i];
		}
		this.pushX.fill(0);
		this.pushY.fill(0);
	}

	private feel(x: number, y: number, radius: number, push: number): void {
		const { starts, sortedX, sortedY, pushX, pushY } = this;
		const left = cellOf(x - radius);
		const right = cellOf(x + radius);
		const last = cellOf(y + radius);
		for (let line = cellOf(y - radius); line <= last; line++) {
			const end = starts[line * CELLS + right + 1];
			for (let k = starts[line * CELLS + left]; k < end; k++) {
				const dx = sortedX[k] - x;
				const dy = sortedY[k] - y;
				const square = dx * dx + dy * dy;
				if (square >= radius * radius) continue;
				const distance = Math.sqrt(square);
				const share = ((1 - distance / radius) * push) / (distance + 1);
				pushX[k] += dx * share;
				pushY[k] += dy * share;
			}
		}
	}

	private flock(tick: number): void {
		const { starts } = this;
		for (let line = 0; line < CELLS; line++) {
			for (let column = 0; column < CELLS; column++) {
				const end = starts[line * CELLS + column + 1];
				for (let k = starts[line * CELLS + column]; k < end; k++) {
					this.flockOne(k, column, line, tick);
				}
			}
		}
	}

	private flockOne(k: number, column: number, line: number, tick: number): void {
		const { starts, sortedX, sortedY, sortedVx, sortedVy } = this;
		const x = sortedX[k];
		const y = sortedY[k];
		const left = column > 0 ? column - 1 : 0;
		const right = column < CELLS - 1 ? column + 1 : CELLS - 1;
		const last = line < CELLS - 1 ? line + 1 : CELLS - 1;
		let weight = 0;
		let otherX = 0;
		let otherY = 0;
		let otherVx = 0;
		let otherVy = 0;
		let awayX = 0;
		let awayY = 0;
		for (let row = line > 0 ? line - 1 : 0; row <= last; row++) {
			let at = starts[row * CELLS + left];
			let end = starts[row * CELLS + right + 1];
			const beyond = end - at - LOOKS_PER_LINE;
			if (beyond > 0) {
				at += ((Math.imul(k * 7 + tick * 13, 40503) & 0xffff) * (beyond + 1)) >> 16;
				end = at + LOOKS_PER_LINE;
			}
			for (; at < end; at++) {
				const dx = sortedX[at] - x;
				const dy = sortedY[at] - y;
				const square = dx * dx + dy * dy;
				const inSight = 1 - square * PER_SIGHT_SQUARE;
				const tooNear = 1 - square * PER_SPACE_SQUARE;
				const heed = inSight + Math.abs(inSight);
				const avoid = tooNear + Math.abs(tooNear);
				weight += heed;
				otherX += dx * heed;
				otherY += dy * heed;
				otherVx += sortedVx[at] * heed;
				otherVy += sortedVy[at] * heed;
				awayX -= dx * avoid;
				awayY -= dy * avoid;
			}
		}
		const each = 1 / (weight + 0.001);
		const vx = sortedVx[k];
		const vy = sortedVy[k];
		const alongX = (otherVx - vx * weight) * each;
		const alongY = (otherVy - vy * weight) * each;
		const ax = awayX * SEPARATION + alongX * ALIGNMENT + otherX * each * COHESION;
		const ay = awayY * SEPARATION + alongY * ALIGNMENT + otherY * each * COHESION;
		this.move(
			this.sorted[k],
			x,
			y,
			vx + (ax + this.pushX[k] + fromWalls(x)) * DT,
			vy + (ay + this.pushY[k] + fromWalls(y)) * DT,
		);
	}

	private move(i: number, x: number, y: number, toVx: number, toVy: number): void {
		const speed = Math.sqrt(toVx * toVx + toVy * toVy);
		const kept = between(speed, AGENT_MIN_SPEED, AGENT_TOP_SPEED) / Math.max(speed, 0.001);
		const vx = toVx * kept;
		const vy = toVy * kept;
		this.vx[i] = vx;
		this.vy[i] = vy;
		this.x[i] = between(x + vx * DT, 0, WORLD);
		this.y[i] = between(y + vy * DT, 0, WORLD);
		this.heading[i] = direction(vx, vy);
	}
}
