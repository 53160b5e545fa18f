import type { Image } from "../../protocol/abi/image.ts";
import { INBOX, RECORD } from "../../protocol/abi/layout.ts";
import { type Fault, Simulation, usedRows } from "../../protocol/abi/simulation.ts";
import { compareSchemas, type SwapRefusal } from "./compare-schemas.ts";
import { migrate } from "./migrate.ts";

/** A room as it was some time ago, and what its players have done since. */
export interface TrialRoom {
	readonly id: string;
	readonly seed: number;
	/** Version of the rules that the image belongs to. */
	readonly version: number;
	readonly firstTick: number;
	readonly image: Image;
	/** Inbox of each tick from `firstTick` on, null for an aborted one. */
	readonly inboxes: readonly (Uint8Array | null)[];
}

export interface TrialResult {
	readonly room: string;
	readonly ticks: number;
	readonly meanTickMs: number;
	readonly maxTickMs: number;
	/** Most fuel of a tick, 0 when the module is not sealed. */
	readonly maxFuel: number;
}

/** Why a new module did not pass, with the engine's stack where there is one. */
export interface TrialRefusal extends SwapRefusal {
	readonly stack?: string;
	/** The error's own message, which a stack repeats. */
	readonly message?: string;
}

/**
 * Ticks that a trial runs at least: when the room is younger, its last inputs are repeated. It is also
 * what warms the engine up, so that the first live tick does not pay for compiling.
 */
const MIN_TICKS = 120;
/** Share of a tick's time that the mean tick may take. */
const MAX_SHARE = 0.5;

function refusal(error: string, room: TrialRoom, fault: Fault, tick: number): TrialRefusal {
	const after = tick - room.firstTick;
	return {
		error,
		detail: `room ${room.id}, tick ${after} of the trial: ${fault.kind}: ${fault.detail}`,
		...(fault.stack === undefined ? {} : { stack: fault.stack }),
		...(fault.message === undefined ? {} : { message: fault.message }),
	};
}

/** The input records of an inbox alone: nobody joins twice. */
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

function firstOddValue(simulation: Simulation): string | null {
	for (const table of simulation.tables) {
		const used = usedRows(table);
		for (const { about, values } of table.columns) {
			if (about.type !== "f32" && about.type !== "f64") continue;
			for (let row = 0; row < used; row++) {
				if (table.gen[row] !== 0 && !Number.isFinite(values[row] as number)) {
					return `${table.name}.${about.name}[${row}] is ${values[row]}`;
				}
			}
		}
	}
	return null;
}

/**
 * Runs `next` on a copy of a room: the state of some time ago is carried over and the recorded
 * inboxes are played again. A trap, spent fuel, a state that the module's own `hs_check` finds unsound,
 * a value that is no number or a mean tick that takes too long refuses the module.
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
	return playInboxes(after, room, now);
}

function playInboxes(
	after: Simulation,
	room: TrialRoom,
	now: () => number,
): TrialResult | TrialRefusal {
	const ticks = Math.max(MIN_TICKS, room.inboxes.length);
	const last = room.inboxes.findLast((inbox) => inbox !== null) ?? null;
	const repeated = last ? inputsOf(last) : new Uint8Array(0);
	let totalMs = 0;
	let maxTickMs = 0;
	let maxFuel = 0;
	for (let i = 0; i < ticks; i++) {
		const inbox = i < room.inboxes.length ? (room.inboxes[i] as Uint8Array | null) : repeated;
		if (inbox === null) continue;
		const tick = room.firstTick + i;
		after.inbox.load(inbox);
		const startMs = now();
		const fault = after.tick(tick);
		const tickMs = now() - startMs;
		maxFuel = Math.max(maxFuel, after.fuelSpent);
		const problem = fault ?? after.check();
		if (problem) return refusal("ERR_TRIAL_FAULT", room, problem, tick);
		totalMs += tickMs;
		maxTickMs = Math.max(maxTickMs, tickMs);
	}
	const odd = firstOddValue(after);
	if (odd) return { error: "ERR_TRIAL_VALUE", detail: `room ${room.id}: ${odd} after the trial` };
	const meanTickMs = totalMs / ticks;
	const budgetMs = (1000 / after.descriptor.tickRate) * MAX_SHARE;
	if (meanTickMs > budgetMs) {
		return {
			error: "ERR_TRIAL_SLOW",
			detail: `room ${room.id}: a tick takes ${meanTickMs.toFixed(2)} ms, at most ${budgetMs.toFixed(2)}`,
		};
	}
	return { room: room.id, ticks, meanTickMs, maxTickMs, maxFuel };
}
