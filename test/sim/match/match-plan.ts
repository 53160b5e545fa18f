import type { SeededRandom } from "../../../protocol/seeded-random.ts";
import type { FaultPolicy } from "../../../server/room/room-settings.ts";
import type { WorldServerOptions } from "../../../testing/index.ts";
import type { SimGame } from "./sim-games.ts";

/** What a match is like, all of it drawn at its beginning. */
export interface MatchPlan {
	readonly chosen: SimGame;
	readonly clients: number;
	/** Rooms that are open from the start; others open as they are wanted. */
	readonly rooms: number;
	readonly plainViewers: number;
	/** How long each act goes on, ms: between two of them the world settles and is looked at. */
	readonly acts: readonly number[];
	readonly graceMs: number;
	readonly faultPolicy: FaultPolicy;
	readonly probationMs: number;
	readonly bytesPerSecond: number;
	readonly codeResiduals: boolean;
	readonly isRecorded: boolean;
	/** Mean time between two things that the operator does, ms; never for Infinity. */
	readonly operatorMs: number;
	/** Mean time between two things that befall the server's machine, ms. */
	readonly troubleMs: number;
}

/** Streams of a match's seed, so that one more draw in one of them changes no other. */
export const STREAM = { plan: 1, play: 2, operator: 3, journals: 4, trouble: 5 } as const;

const MAX_CLIENTS = 16;
export const SILENCE_MS = 5_000;
export const EMPTY_ROOM_MS = 1_500;

export function drawPlan(games: readonly SimGame[], random: SeededRandom): MatchPlan {
	const chosen = random.pick(games);
	const acts = [random.between(3_000, 12_000)];
	if (random.chance(0.25)) acts.push(random.between(2_000, 6_000));
	return {
		chosen,
		clients: 1 + random.below(MAX_CLIENTS),
		rooms: random.chance(0.5) ? 1 : 1 + random.below(4),
		plainViewers: random.chance(0.3) ? 1 : 0,
		acts,
		graceMs: random.between(500, 4_000),
		faultPolicy: random.pick(["retry", "retry", "pause", "close"]),
		probationMs: random.pick([2_000, 5_000, 5_000]),
		bytesPerSecond: random.pick([1_000_000, 1_000_000, 12_000, 4_000]),
		codeResiduals: random.chance(0.3),
		isRecorded: random.chance(0.7),
		operatorMs: random.pick([Number.POSITIVE_INFINITY, 600, 1_500]),
		troubleMs: random.pick([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 3_000]),
	};
}

/** The server that a plan asks for, but for what listens to it. */
export function serverOf(plan: MatchPlan): WorldServerOptions {
	return {
		rooms: {
			seatGraceMs: plan.graceMs,
			codeResiduals: plan.codeResiduals,
			emptyRoomMs: EMPTY_ROOM_MS,
			faultPolicy: plan.faultPolicy,
			clientBytesPerSecond: plan.bytesPerSecond,
		},
		connections: { heartbeatMs: 1_000, silenceMs: SILENCE_MS },
		deployments: { probationMs: plan.probationMs },
	};
}
