// Makes cubes.bin: a large cube that is driven through 900 small ones, 60 times a second. After a build
// of the whole: `npm install && npm run generate` here. The physics engine gives the same trace on
// every machine.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import RAPIER from "@dimforge/rapier3d-deterministic-compat";
import { COLUMNS, CUBES, packTrace } from "../../dist/bench/cubes/trace.js";

const RATE_HZ = 60;
/** Frames that are thrown away while the cubes settle, and frames kept. */
const SETTLE = 90;
const FRAMES = Number(process.argv[2] ?? 600);
const SIDE = 30;
const SPACING = 1.25;
const SMALL = 0.2;
const LARGE = 0.75;
/** A position's units to the metre, and the largest number of 9 bits: as in Fiedler's article. */
const UNITS = 512;
const MOST = 511;
/** Small cubes within this distance of the large one are drawn along, while the player holds the key. */
const REACH = 8.7;
const PULL = 7;
const DRIVE = 22;
const SEED = 20;

let state = SEED;
function random() {
	state = (state + 0x6d2b79f5) | 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

await RAPIER.init();
const world = new RAPIER.World({ x: 0, y: 0, z: -20 });
world.timestep = 1 / RATE_HZ;
world.createCollider(
	RAPIER.ColliderDesc.cuboid(200, 200, 1).setTranslation(0, 0, -1).setFriction(0.8),
);

function addCube(half, x, y, z) {
	const body = world.createRigidBody(RAPIER.RigidBodyDesc.dynamic().setTranslation(x, y, z));
	world.createCollider(
		RAPIER.ColliderDesc.cuboid(half, half, half).setDensity(1).setFriction(0.7),
		body,
	);
	return body;
}

const cubes = [addCube(LARGE, 0, -SIDE * SPACING * 0.5 - 3, LARGE + 0.5)];
for (let i = 0; i < CUBES - 1; i++) {
	const x = ((i % SIDE) - SIDE / 2) * SPACING;
	const y = (Math.floor(i / SIDE) - SIDE / 2) * SPACING;
	cubes.push(addCube(SMALL, x, y, SMALL + 0.02));
}

/** The three smallest parts of a unit quaternion, 9 bits each, and which part is left out. */
function packRotation({ x, y, z, w }) {
	const parts = [x, y, z, w];
	let largest = 0;
	for (let i = 1; i < 4; i++) if (Math.abs(parts[i]) > Math.abs(parts[largest])) largest = i;
	const sign = parts[largest] < 0 ? -1 : 1;
	const rest = parts.filter((_, i) => i !== largest);
	const packed = rest.map((part) =>
		Math.min(MOST, Math.max(0, Math.round(((sign * part * Math.SQRT2 + 1) / 2) * MOST))),
	);
	return [largest, ...packed];
}

const last = cubes.map(() => null);
const touched = new Int32Array(CUBES).fill(-1000);
let heading = Math.PI / 2;
let turnAt = 0;
let pulls = false;
const frames = [];
for (let frame = -SETTLE; frame < FRAMES; frame++) {
	const player = cubes[0];
	const place = player.translation();
	if (frame >= 0) {
		if (frame >= turnAt) {
			const away = Math.hypot(place.x, place.y) > (SIDE * SPACING) / 2;
			heading = away ? Math.atan2(-place.y, -place.x) : heading + (random() - 0.5) * 2.4;
			turnAt = frame + 20 + Math.floor(random() * 70);
			pulls = random() < 0.75;
		}
		const mass = player.mass();
		const push = { x: Math.cos(heading) * DRIVE * mass, y: Math.sin(heading) * DRIVE * mass, z: 0 };
		player.resetForces(true);
		player.addForce(push, true);
		for (let i = 1; i < CUBES; i++) {
			const at = cubes[i].translation();
			const [dx, dy, dz] = [place.x - at.x, place.y - at.y, place.z - at.z];
			const distance = Math.hypot(dx, dy, dz);
			cubes[i].resetForces(false);
			if (distance > REACH) continue;
			touched[i] = frame;
			if (!pulls || distance < 0.5) continue;
			const pull = (PULL * 20 * cubes[i].mass()) / (1 + distance);
			cubes[i].addForce(
				{
					x: (dx / distance) * pull,
					y: (dy / distance) * pull,
					z: (dz / distance) * pull + 4 * cubes[i].mass(),
				},
				true,
			);
		}
	}
	world.step();
	if (frame < 0) continue;
	const row = new Int32Array(CUBES * COLUMNS.length);
	cubes.forEach((cube, i) => {
		const { x, y, z } = cube.translation();
		const key =
			cube.isSleeping() && last[i]
				? last[i]
				: [
						...packRotation(cube.rotation()),
						Math.round(x * UNITS),
						Math.round(y * UNITS),
						Math.round(z * UNITS),
					];
		last[i] = key;
		row.set([...key, frame - touched[i] < 60 || i === 0 ? 1 : 0], i * COLUMNS.length);
	});
	frames.push(row);
}
const packed = brotliCompressSync(packTrace(frames), {
	params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_QUALITY]: 11 },
});
writeFileSync(process.argv[3] ?? path.join(import.meta.dirname, "cubes.bin"), packed);
console.log(`${frames.length} frames, ${packed.length} bytes`);
