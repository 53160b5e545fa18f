import { INBOX, RECORD } from "../../protocol/abi/layout.ts";
import { type Fault, Simulation } from "../../protocol/abi/simulation.ts";
import type { ErrorName } from "../../protocol/errors.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { oddValues } from "../history/odd-values.ts";
import { runTick, type Stretch } from "../history/stretch.ts";
import { SERVER_LIMITS } from "../limits.ts";
import { compareSchemas } from "../migration/compare-schemas.ts";
import { migrate } from "../migration/migrate.ts";
import { randomInboxes } from "./random-inboxes.ts";

/** A room as it was some time ago, and its inboxes since. */
export interface TrialRoom extends Stretch {
	readonly id: string;
	readonly seed: number;
	/** Version of the rules that the image belongs to. */
	readonly version: number;
}

/** A room that opens with the new rules: random inboxes, and those of another room. */
export interface FreshTrial {
	readonly seed: number;
	/** Inboxes of a running room whose inputs are laid out alike. */
	readonly recorded: readonly Uint8Array[];
}

export interface TrialResult {
	readonly room: string;
	readonly ticks: number;
	readonly meanTickMs: number;
	readonly maxTickMs: number;
	/** Maximum fuel of a tick, 0 if the module is not sealed. */
	readonly maxFuel: number;
}

/** Why a new module did not pass, with the engine's stack if there is one. */
export interface TrialRefusal extends Refusal {
	readonly stack?: string;
	/** The error's own message, which a stack repeats. */
	readonly message?: string;
}

/** The room that new rules are tried in by themselves. */
const FRESH_ROOM = "(new)";

function refusal(error: ErrorName, room: Played, fault: Fault, tick: number): TrialRefusal {
	const after = tick - room.firstTick;
	return {
		error,
		detail: `room ${room.id}, tick ${after} of the trial: ${fault.kind}: ${fault.detail}`,
		...(fault.stack === undefined ? {} : { stack: fault.stack }),
		...(fault.message === undefined ? {} : { message: fault.message }),
	};
}

/** Only the input records of an inbox, so that no player joins twice. */
function inputsOf(inbox: Uint8Array): Uint8Array {
	const view = new DataView(inbox.buffer, inbox.byteOffset, inbox.length);
	const kept: number[] = [];
	for (let at = 0; at < inbox.length; ) {
		const size = view.getUint16(at + RECORD.length, true);
		if (view.getUint8(at) === INBOX.input) kept.push(...inbox.subarray(at, at + size));
		at += size;
	}
	return Uint8Array.from(kept);
}

/**
 * Runs `next` on a copy of a room: an earlier state is carried over and the recorded inboxes are played
 * again. A trap, spent fuel, a state that the module's own `hs_check` finds unsound, a NaN or infinity,
 * or a mean tick that takes too long gets the module refused.
 */
export function runTrial(
	current: WebAssembly.Module,
	next: WebAssembly.Module,
	room: TrialRoom,
	now: () => number,
): TrialResult | TrialRefusal {
	const made = Simulation.create(current);
	const fresh = Simulation.create(next);
	if ("error" in made) return made;
	if ("error" in fresh) return fresh;
	const before = made.simulation;
	const after = fresh.simulation;
	before.restore(room.image);
	const compared = compareSchemas(before.descriptor, after.descriptor);
	if ("error" in compared) return compared;
	const started = after.init(room.seed);
	if (started) return refusal("ERR_TRIAL_FAULT", room, started, room.firstTick);
	const notCarried = migrate(before, after, compared.plan);
	if (notCarried) return notCarried;
	const unhappy = after.migrated(room.version, room.firstTick);
	if (unhappy) return refusal("ERR_TRIAL_FAULT", room, unhappy, room.firstTick);
	const ticks = Math.max(SERVER_LIMITS.trialTicks, room.inboxes.length);
	const last = room.inboxes.findLast((inbox) => inbox !== null) ?? null;
	const repeated = last ? inputsOf(last) : new Uint8Array(0);
	const inboxes = Array.from({ length: ticks }, (_, i) =>
		i < room.inboxes.length ? (room.inboxes[i] as Uint8Array | null) : repeated,
	);
	return playInboxes(after, { ...room, inboxes }, now);
}

/**
 * Runs `next` in a room of its own, as new rooms will: first with players who join, press at random and
 * leave, then with the inboxes of a running room.
 */
export function runFreshTrial(
	next: WebAssembly.Module,
	{ seed, recorded }: FreshTrial,
	now: () => number,
): TrialResult | TrialRefusal {
	const descriptorOf = Simulation.create(next);
	if ("error" in descriptorOf) return descriptorOf;
	const { descriptor } = descriptorOf.simulation;
	const players = Math.min(SERVER_LIMITS.freshTrialPlayers, descriptor.maxPlayers);
	const random = randomInboxes(descriptor, { seed, ticks: SERVER_LIMITS.freshTrialTicks, players });
	let result: TrialResult | TrialRefusal | null = null;
	for (const inboxes of [recorded, random]) {
		if (inboxes.length === 0) continue;
		const made = Simulation.create(next);
		if ("error" in made) return made;
		const room = { id: FRESH_ROOM, firstTick: 0, inboxes };
		const started = made.simulation.init(seed);
		if (started) return refusal("ERR_TRIAL_FAULT", room, started, 0);
		result = playInboxes(made.simulation, room, now);
		if ("error" in result) return result;
	}
	return result ?? { room: FRESH_ROOM, ticks: 0, meanTickMs: 0, maxTickMs: 0, maxFuel: 0 };
}

type Played = Pick<TrialRoom, "id" | "firstTick" | "inboxes">;

function playInboxes(
	after: Simulation,
	room: Played,
	now: () => number,
): TrialResult | TrialRefusal {
	// a value that was already NaN is not the new rules' doing: they may be the cure
	const before = oddValues(after);
	let ticks = 0;
	let totalMs = 0;
	let maxTickMs = 0;
	let maxFuel = 0;
	for (const [i, inbox] of room.inboxes.entries()) {
		if (inbox === null || inbox.length > after.descriptor.inbox.bytes) continue;
		const tick = room.firstTick + i;
		const startMs = now();
		const fault = runTick(after, tick, inbox);
		const tickMs = now() - startMs;
		maxFuel = Math.max(maxFuel, after.fuelSpent);
		const problem = fault ?? after.check();
		if (problem) return refusal("ERR_TRIAL_FAULT", room, problem, tick);
		ticks++;
		totalMs += tickMs;
		maxTickMs = Math.max(maxTickMs, tickMs);
	}
	const odd = [...oddValues(after)].find(([place]) => !before.has(place));
	if (odd) {
		const detail = `room ${room.id}: ${odd[0]} is ${odd[1]} after the trial`;
		return { error: "ERR_TRIAL_VALUE", detail };
	}
	const meanTickMs = totalMs / Math.max(1, ticks);
	const budgetMs = (1000 / after.descriptor.tickRate) * SERVER_LIMITS.trialShare;
	if (meanTickMs > budgetMs) {
		return {
			error: "ERR_TRIAL_SLOW",
			detail: `room ${room.id}: a tick takes ${meanTickMs.toFixed(2)} ms, at most ${budgetMs.toFixed(2)}`,
		};
	}
	return { room: room.id, ticks, meanTickMs, maxTickMs, maxFuel };
}
