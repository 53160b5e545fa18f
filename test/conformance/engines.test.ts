import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENGINES } from "../../server/verify/engines.ts";
import { exportMatch, type Stretch } from "../../server/verify/export-match.ts";
import { verifyMatch } from "../../server/verify/verify-match.ts";
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
} as const;

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
			const stretches = exportMatch(openBytes(await record()), { folder });
			if ("error" in stretches) throw new Error(stretches.detail);
			matches.set(name, stretches);
		}
	}, BUILD_MS);

	afterAll(() => rmSync(folder, { recursive: true }));

	for (const engine of ENGINES) {
		const isHere = engine.missing().length === 0;
		it.skipIf(!isHere)(
			`comes out the same in ${engine.name}: every hash, all fuel, all of memory`,
			async () => {
				for (const [name, stretches] of matches) {
					for (const stretch of stretches) {
						const host = await engine.host(stretch.game.bytes, folder);
						if ("error" in host) throw new Error(host.detail);
						const { failure, difference, ticks, sameImage } = await verifyMatch(
							host,
							stretch,
							folder,
						);
						expect({ name, failure, difference, ticks, sameImage }).toEqual({
							name,
							failure: null,
							difference: null,
							ticks: stretch.ticks,
							sameImage: true,
						});
					}
				}
			},
			BUILD_MS,
		);
	}
});
