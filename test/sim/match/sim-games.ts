import { readFile } from "node:fs/promises";
import type { Behaviour } from "../../../bots/behaviour.ts";
import { behaviour as arenaBehaviour } from "../../../game-logic/arena/bots.ts";
import { compileGame, type GameModule } from "../../../server/module/game-module.ts";
import type { Candidate } from "../../../server/swap/verifier.ts";
import { buildEdited } from "../../support/arena-v2.ts";
import { buildMedley } from "../../support/build-medley.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { buildVariant, replace } from "../../support/variant.ts";

/** Rules that an operator may deploy. */
export interface SimCandidate {
	readonly candidate: Candidate;
	/** Hash of the compiled rules; null for bytes that are no module. */
	readonly hash: string | null;
}

/** A game to play at random. */
export interface SimGame {
	readonly game: GameModule;
	readonly candidates: readonly SimCandidate[];
	/** How its bots play; by the input's types if null. */
	readonly behaviour: Behaviour | null;
	/** Some of its rules fail when a player presses what they cannot stand. */
	readonly isFrail: boolean;
}

/**
 * Faults that wait for an input, or for a time after a swap that no trial reaches: a trap, a tick without
 * end, an outbox that makes no sense, a value that is no number, and a wish to be rid of a player.
 */
const FAULTS = `
	if (isFrail) {
		for (let i = 0; i < dot.used; i++) {
			if (!dot.alive(i)) continue;
			const player = dot.player[i];
			// a tick that fails has changed something by then
			dot.y[i] += 1;
			const dx = input.dx[player];
			if (input.dy[player] < 0) continue;
			if (dx >= 70 && dx < 76) unreachable();
			if (dx >= 60 && dx < 64) for (;;) dot.x[i] += 1;
			if (dx >= 50 && dx < 55) store<u32>(CTX, 4, 8);
			if (dx >= 40 && dx < 45) dot.y[i] = NaN;
			if (dx >= 30 && dx < 32) kick(player, 3);
		}
	}
	if (age >= 0 && ++age == AGE) unreachable();
`;

/** Dots with these faults; with `isFrail` from the start, otherwise once a swap has put them into a room. */
function frail(version: number, isFrail: boolean, deadlyAge: number) {
	return {
		schema: replace("version: 1", `version: ${version}`),
		main: (source: string): string =>
			replace(
				'import { ctx, randomBetween } from "hotstep/assembly";',
				`import { ctx, kick, randomBetween } from "hotstep/assembly";
import { CTX } from "hotstep/assembly/context";
const AGE: i32 = ${deadlyAge};
let isFrail = ${isFrail};
let age: i32 = -1;
export function migrated(from: i32): void { age = 0; isFrail = true; }`,
			)(
				replace(
					"export function tick(): void {",
					`export function tick(): void {${FAULTS}`,
				)(source),
			),
	};
}

const wider = (schema: string): string =>
	schema
		.replace("version: 1", "version: 2")
		.replace("capacity: 16", "capacity: 24")
		.replace("columns: {", "columns: { steps: u8(), ");

async function read(file: string): Promise<SimCandidate & { readonly game: GameModule }> {
	const bytes = new Uint8Array(await readFile(file));
	const game = compileGame(bytes, file);
	return { game, hash: game.hash, candidate: { bytes, origin: file, sourceMap: null } };
}

function asCandidate(game: GameModule): SimCandidate {
	const bytes = new Uint8Array(game.raw);
	return { hash: game.hash, candidate: { bytes, origin: game.name, sourceMap: null } };
}

/**
 * The games of the simulations: small ones, of which some fail, one where nobody sees far, one with a column of
 * every kind, and a real one.
 */
export async function loadSimGames(): Promise<SimGame[]> {
	const [dots, meadow, arena] = [
		await loadFixture("dots"),
		await loadFixture("meadow"),
		await loadFixture("arena"),
	];
	const [wide, sick, old] = [
		await read(await buildVariant({ schema: wider })),
		await read(await buildVariant(frail(3, false, 190))),
		await read(await buildVariant(frail(4, true, 1_000_000))),
	];
	const medley = await buildMedley();
	const widerMedley = await buildMedley((schema) =>
		schema.replace("version: 3", "version: 4").replace("capacity: 700", "capacity: 900"),
	);
	const next = await buildEdited();
	const arenaNext = compileGame(next.bytes, next.origin, next.sourceMap ?? null);
	const junk: SimCandidate = {
		hash: null,
		candidate: { bytes: new Uint8Array([0, 0x61, 0x73, 0x6d, 9]), origin: "junk", sourceMap: null },
	};
	const [plain, edited, other] = [asCandidate(dots), asCandidate(arenaNext), asCandidate(medley)];
	const bots = arenaBehaviour as unknown as Behaviour;
	return [
		{ game: dots, candidates: [wide, sick, plain, junk], behaviour: null, isFrail: true },
		{ game: old.game, candidates: [wide, sick, plain], behaviour: null, isFrail: true },
		{ game: meadow, candidates: [other, junk], behaviour: null, isFrail: false },
		{
			game: medley,
			candidates: [asCandidate(widerMedley), other],
			behaviour: null,
			isFrail: false,
		},
		{ game: arena, candidates: [edited, asCandidate(arena)], behaviour: bots, isFrail: false },
	];
}
