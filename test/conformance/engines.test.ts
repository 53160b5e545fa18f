import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileGame } from "../../server/module/game-module.ts";
import type { Engine } from "../../server/verify/engine.ts";
import { ENGINES } from "../../server/verify/engines.ts";
import { exportMatch, type Stretch } from "../../server/verify/export-match.ts";
import { verifyMatch } from "../../server/verify/verify-match.ts";
import { assembleWat } from "../support/assemble-wat.ts";
import { buildCarball } from "../support/carball.ts";
import { loadFixture } from "../support/load-fixture.ts";
import { openBytes, recordMatch } from "../unit/journal/journal-match.ts";
import { recordOddMatch } from "../unit/verify/odd-match.ts";

/** Ticks of each match: an interpreter takes 50 ms for one of swarm's. */
const MATCHES = {
	arena: async () =>
		(await recordMatch({ game: await loadFixture("arena"), ticks: 600, players: 16, seed: 7 }))
			.bytes,
	swarm: async () =>
		(await recordMatch({ game: await loadFixture("swarm"), ticks: 20, players: 16, seed: 7 }))
			.bytes,
	/** Columns of every type, NaNs of many bits, and rules that change in the middle. */
	odd: () => recordOddMatch(300),
	/** SIMD. */
	lanes: async () => {
		const text = await readFile(new URL("../support/fixtures/lanes.wat", import.meta.url), "utf8");
		const game = compileGame(await assembleWat(text), "lanes");
		return (await recordMatch({ game, ticks: 400, players: 2, seed: 7 })).bytes;
	},
	/** A physics crate in Rust, and SIMD; null where it cannot be built. */
	carball: async () => {
		const game = await buildCarball();
		return game && (await recordMatch({ game, ticks: 120, players: 8, seed: 7 })).bytes;
	},
} as const;

/** Engines that cannot run SIMD, and why. */
const WITHOUT_VECTORS: Readonly<Record<string, string>> = {
	wasm2c: "WABT 1.0.32 translates no SIMD",
};

/** An engine's host may have to be built first, and an engine with it. */
const BUILD_MS = 1_800_000;

const missing = ENGINES.filter((engine) => engine.missing().length > 0);
if (missing.length > 0) {
	const what = missing.map(({ name, get }) => `${name} (${get})`).join("; ");
	if (process.env.HOTSTEP_ENGINES === "required")
		throw new Error(`engines that are missing: ${what}`);
	process.stderr.write(`SKIPPED: engines that are not here: ${what}\n`);
}

describe("a recorded match in other engines", () => {
	let folder = "";
	const matches = new Map<string, readonly Stretch[]>();

	beforeAll(async () => {
		folder = mkdtempSync(path.join(tmpdir(), "hotstep-engines-"));
		for (const [name, record] of Object.entries(MATCHES)) {
			const bytes = await record();
			if (bytes === null) continue;
			const stretches = exportMatch(openBytes(bytes), { folder });
			if ("error" in stretches) throw new Error(stretches.detail);
			matches.set(name, stretches);
		}
	}, BUILD_MS);

	afterAll(() => rmSync(folder, { recursive: true }));

	async function runIn(engine: Engine, name: string): Promise<void> {
		for (const stretch of matches.get(name) ?? []) {
			const host = await engine.host(stretch.game.bytes, folder);
			if ("error" in host) throw new Error(host.detail);
			const run = await verifyMatch(host, stretch, folder);
			const { failure, difference, ticks, sameImage } = run;
			expect({ name, failure, difference, ticks, sameImage }).toEqual({
				name,
				failure: null,
				difference: null,
				ticks: stretch.ticks,
				sameImage: true,
			});
		}
	}

	for (const engine of ENGINES) {
		const isHere = engine.missing().length === 0;
		it.skipIf(!isHere)(
			`comes out the same in ${engine.name}: every hash, all fuel, all of memory`,
			async () => {
				for (const name of ["arena", "swarm", "odd"]) await runIn(engine, name);
			},
			BUILD_MS,
		);
		const without = WITHOUT_VECTORS[engine.name];
		it.skipIf(!isHere || without !== undefined)(
			`comes out the same in ${engine.name} with vectors of 128 bits${without ? ` (${without})` : ""}`,
			async () => {
				for (const name of ["lanes", "carball"]) await runIn(engine, name);
			},
			BUILD_MS,
		);
	}
});
