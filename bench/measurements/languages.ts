import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createImage } from "../../protocol/abi/image.ts";
import type { Simulation } from "../../protocol/abi/simulation.ts";
import { buildParticles } from "../build-source.ts";
import { columnOf, runTick, start, tableOf } from "../games.ts";
import { interleave, median, ratios, spreadOf, timePieces } from "../measure.ts";
import { check, judge, type Measurement } from "../result.ts";
import { ROOT } from "../root.ts";

const PARTICLES = path.join(ROOT, "bench/games/particles");
/** What a sealed tick may cost beside gcc -O3; Go's is only told. */
const GOALS = {
	...{ c: 1.25, cpp: 1.25, rust: 1.25, zig: 1.25, assemblyscript: 1.3, go: null },
} as const;
type Name = keyof typeof GOALS;
const NAMES = Object.keys(GOALS) as Name[];
const LEAD_IN = 120;
const MEASURED = 120;
const COLUMNS = ["x", "y", "vx", "vy"];

/** The rules in one language, sealed and running, or why they cannot be built. */
async function run(name: Name, folder: string): Promise<Simulation | string> {
	const game = await buildParticles(name, folder);
	if (typeof game === "string") return game;
	const simulation = start(game, 1);
	// Go's tick needs more than a room would give it
	simulation.fuelPerTick = 2_000_000_000;
	return simulation;
}

/** The same C by gcc for this machine, from the header that its module was built with. */
function buildNative(folder: string): string {
	const program = path.join(folder, "native");
	const sources = ["c/main.c", "c/generated/runtime.c"].map((file) => path.join(folder, file));
	execFileSync("gcc", [
		...["-O3", "-std=gnu11", "-ffp-contract=off", "-fno-math-errno", "-w"],
		// the SDK brings what this machine's C library has
		...["-D__dso_handle=hs_dso_handle", "-D__cxa_atexit=hs_cxa_atexit"],
		...["-I", path.join(folder, "c"), ...sources],
		...[path.join(PARTICLES, "native/native.c"), "-o", program],
	]);
	return program;
}

function columnsOf(simulation: Simulation): Buffer {
	const table = tableOf(simulation, "dot");
	const parts = COLUMNS.map((name) => {
		const { buffer, byteOffset, byteLength } = columnOf(table, name);
		return Buffer.from(buffer, byteOffset, byteLength);
	});
	return Buffer.concat(parts);
}

/** After the lead-in, the ticks that are measured, again and again; ms. */
function repeated(simulation: Simulation): () => number {
	for (let tick = 0; tick < LEAD_IN; tick++) runTick(simulation, tick);
	const image = createImage();
	simulation.save(image);
	return () => {
		simulation.restore(image);
		return timePieces(MEASURED, (i) => runTick(simulation, LEAD_IN + i));
	};
}

async function measure(folder: string): Promise<ReturnType<typeof judge>> {
	const built = new Map<Name, Simulation>();
	const notMeasured: string[] = [];
	for (const name of NAMES) {
		const made = await run(name, folder);
		if (typeof made === "string") notMeasured.push(`${name}: ${made}`);
		else built.set(name, made);
	}
	if (!built.has("c")) throw new Error(notMeasured.join("; "));
	const program = buildNative(folder);
	const out = path.join(folder, "columns.bin");
	const tasks: Record<string, () => number> = {
		gcc: () =>
			Number(
				execFileSync(program, [String(LEAD_IN), String(MEASURED), out], { encoding: "utf8" }),
			) / 1e6,
	};
	for (const [name, simulation] of built) tasks[name] = repeated(simulation);
	const samples = interleave(tasks);
	const native = await readFile(out);
	const shares = (name: string): number[] => ratios(samples[name] ?? [], samples.gcc ?? []);
	const checks = [...built].flatMap(([name, simulation]) => {
		const same = Number(columnsOf(simulation).equals(native));
		const goal = GOALS[name];
		return [
			check(`${name} comes to gcc's state`, same, "", 1, true),
			...(goal === null
				? []
				: [check(`${name}, sealed`, median(shares(name)), "of gcc -O3", goal)]),
		];
	});
	const peers = Object.entries(samples).map(([name, times]) => ({
		name: name === "gcc" ? "gcc -O3, this machine's" : name,
		value: median(times) * 1000,
		unit: "µs",
	}));
	return judge({
		id: "languages",
		value: median(shares("c")),
		unit: "C, sealed / gcc -O3",
		spread: spreadOf(shares("c")),
		goal: GOALS.c,
		peers,
		checks,
		notMeasured,
	});
}

export const languages: Measurement = {
	id: "languages",
	about: "one tick of the same 10,000 particles in each language, sealed, beside gcc -O3",
	async run() {
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-bench-languages-"));
		try {
			return await measure(folder);
		} finally {
			await rm(folder, { recursive: true });
		}
	},
};
