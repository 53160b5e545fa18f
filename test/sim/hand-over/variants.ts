import { decideGiver } from "../../../server/worker/hand-over/giver.ts";
import type { Send } from "../../../server/worker/hand-over/messages.ts";
import { decideRegister } from "../../../server/worker/hand-over/register.ts";
import { rebuildRegister } from "../../../server/worker/hand-over/register-rebuild.ts";
import type { RegisterState } from "../../../server/worker/hand-over/register-state.ts";
import { refuse } from "../../../server/worker/hand-over/register-steps.ts";
import { decideTaker } from "../../../server/worker/hand-over/taker.ts";
import type { Cores } from "./cluster.ts";
import type { Faults } from "./faults.ts";

export const CORES: Cores = {
	giver: decideGiver,
	taker: decideTaker,
	register: decideRegister,
	rebuild: rebuildRegister,
};

export interface Variant {
	readonly cores: Cores;
	/** What brings the broken rule out; random faults without it. */
	readonly faults?: Partial<Faults>;
}

function isSend(effect: { readonly do: string }, type: string): effect is Send {
	return effect.do === "send" && (effect as Send).message.type === type;
}

function without<T extends { readonly do: string }>(effects: readonly T[], what: string): T[] {
	return effects.filter((effect) => effect.do !== what);
}

/** The register's change without a look at what the asker believes. */
function changeForAnybody(state: RegisterState, worker: string, epoch: number): RegisterState {
	if (!state.move || state.phase !== "owned") return state;
	return { ...state, owner: worker, epoch, move: { ...state.move, isChanged: false } };
}

/** Decisions with one rule broken each: the simulator must notice every one of them. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
	"the giver thaws when the register does not answer": {
		faults: { dropped: 0.1 },
		cores: {
			...CORES,
			giver: (state, event, limits) =>
				state.phase === "deciding" && event.type === "timer"
					? { state: { ...state, phase: "playing" }, effects: [{ do: "thaw" }] }
					: decideGiver(state, event, limits),
		},
	},
	"the giver thaws on any refusal, whatever the room's epoch is": {
		faults: { dropped: 0.2, slow: 0.2, registerKilled: 0.1, workerKilled: 0.02 },
		cores: {
			...CORES,
			giver: (state, event, limits) =>
				decideGiver(
					state,
					event.type === "refused" ? { ...event, epoch: state.epoch, owner: null } : event,
					limits,
				),
		},
	},
	"the giver goes on ticking after the rest": {
		cores: {
			...CORES,
			giver: (state, event, limits) => {
				const next = decideGiver(state, event, limits);
				if (event.type !== "frozen") return next;
				return { ...next, effects: [...next.effects, { do: "thaw" }] };
			},
		},
	},
	"the giver says only once which sockets there are": {
		faults: { dropped: 0.1 },
		cores: {
			...CORES,
			giver: (state, event, limits) => {
				if (state.phase !== "given" || event.type !== "timer")
					return decideGiver(state, event, limits);
				return { state: { ...state, phase: "none" }, effects: [] };
			},
		},
	},
	"the giver says in its log that the room is elsewhere when the taker dies": {
		faults: { workerKilled: 0.02 },
		cores: {
			...CORES,
			giver: (state, event, limits) => {
				const next = decideGiver(state, event, limits);
				const isTaker = event.type === "died" && event.worker === state.to;
				if (state.phase !== "given" || !isTaker) return next;
				return { ...next, effects: [...next.effects, { do: "closeLog" }] };
			},
		},
	},
	"the giver says in its log that the room is elsewhere as soon as the owner has changed": {
		faults: { workerKilled: 0.02 },
		cores: {
			...CORES,
			giver: (state, event, limits) => {
				const next = decideGiver(state, event, limits);
				if (event.type !== "packed") return next;
				return { ...next, effects: [...next.effects, { do: "closeLog" }] };
			},
		},
	},
	"a recovery reads no log of a worker that lives": {
		faults: { workerKilled: 0.02 },
		cores: { ...CORES, readsTheDeadOnly: true },
	},
	"the register says that the room is elsewhere while it is being recovered": {
		faults: { workerKilled: 0.02 },
		cores: {
			...CORES,
			register: (state, event, limits) =>
				event.type === "doubt" && state.phase === "recovering"
					? { state, effects: [refuse(state, event.worker, event.move)] }
					: decideRegister(state, event, limits),
		},
	},
	"the giver keeps ticking a room that was outlived": {
		faults: { stalled: 0.02, givenUp: 0.8 },
		cores: {
			...CORES,
			neverSeals: true,
			giver: (state, event, limits) => {
				const next = decideGiver(state, event, limits);
				return event.type === "fenced" ? { state, effects: [] } : next;
			},
		},
	},
	"inputs that came while the room stood still are dropped": {
		cores: { ...CORES, dropsCarried: true },
	},
	"the taker starts before the owner has changed": {
		cores: {
			...CORES,
			taker: (state, event, limits) => {
				const next = decideTaker(state, event, limits);
				if (next.state.phase !== "ready" || state.phase === "ready") return next;
				const { move, term, epoch } = next.state;
				const owned = { type: "owner", term, move, epoch: epoch + 2 } as const;
				const started = decideTaker(next.state, owned, limits);
				return { state: started.state, effects: [...next.effects, ...started.effects] };
			},
		},
	},
	"the taker takes a rest that came twice in twice": {
		faults: { doubled: 0.5 },
		cores: {
			...CORES,
			taker: (state, event, limits) => {
				if (event.type !== "rest" || state.phase !== "ready" || event.move !== state.move) {
					return decideTaker(state, event, limits);
				}
				return { state, effects: [{ do: "compare", tick: event.tick }] };
			},
		},
	},
	"the taker adopts a part that came twice twice": {
		faults: { doubled: 0.5, dropped: 0.05 },
		cores: {
			...CORES,
			taker: (state, event, limits) =>
				decideTaker(event.type === "socket" ? { ...state, adopted: [] } : state, event, limits),
		},
	},
	"the taker does not compare": {
		faults: { wrong: 0.3 },
		cores: {
			...CORES,
			taker: (state, event, limits) =>
				decideTaker(state, event.type === "compared" ? { ...event, isEqual: true } : event, limits),
		},
	},
	"the taker does not look for gaps": {
		faults: { dropped: 0.1 },
		cores: {
			...CORES,
			taker: (state, event, limits) => {
				const isTick = event.type === "follow" || event.type === "rest";
				if (isTick && event.tick > state.tick) {
					return decideTaker({ ...state, tick: event.tick }, event, limits);
				}
				return decideTaker(
					state,
					event.type === "compared" ? { ...event, isEqual: true } : event,
					limits,
				);
			},
		},
	},
	"the taker writes nothing before it starts": {
		faults: { workerKilled: 0.02 },
		cores: {
			...CORES,
			taker: (state, event, limits) => {
				const next = decideTaker(state, event, limits);
				return { ...next, effects: without(next.effects, "log") };
			},
		},
	},
	"the taker that is ready gives up by itself": {
		faults: { slow: 0.3, dropped: 0.1 },
		cores: {
			...CORES,
			taker: (state, event, limits) =>
				state.phase === "ready" && event.type === "timer"
					? { state: { ...state, phase: "none" }, effects: [{ do: "discard" }] }
					: decideTaker(state, event, limits),
		},
	},
	"the taker follows a register of an earlier term": {
		faults: { dropped: 0.1, slow: 0.5, reordersRegister: true, registerKilled: 0.1 },
		cores: {
			...CORES,
			taker: (state, event, limits) =>
				decideTaker("term" in event ? { ...state, term: 0 } : state, event, limits),
		},
	},
	"the register compares neither owner nor epoch nor move": {
		faults: { doubled: 0.5, slow: 0.1 },
		cores: {
			...CORES,
			register: (state, event, limits) => {
				if (event.type !== "change" || !state.move) return decideRegister(state, event, limits);
				const { worker, epoch } = event;
				const blind = changeForAnybody(state, worker, Math.max(epoch, state.epoch));
				const move = { ...state.move, id: event.move, to: event.to, isChanged: false };
				const asked = { ...event, epoch: blind.epoch };
				return decideRegister({ ...blind, move }, asked, limits);
			},
		},
	},
	"the register changes again for a question that came twice": {
		faults: { doubled: 0.5 },
		cores: {
			...CORES,
			register: (state, event, limits) => {
				const { move } = state;
				if (event.type !== "change" || !move?.isChanged || move.id !== event.move) {
					return decideRegister(state, event, limits);
				}
				const { worker, epoch } = { worker: event.worker, epoch: state.epoch };
				const again = changeForAnybody(state, worker, epoch);
				return decideRegister(again, { ...event, epoch }, limits);
			},
		},
	},
	"the register forgets what it has changed": {
		faults: { dropped: 0.4 },
		cores: {
			...CORES,
			register: (state, event, limits) => {
				const next = decideRegister(state, event, limits);
				return { ...next, state: { ...next.state, by: 0 } };
			},
		},
	},
	"the register that forgot believes the first who answers": {
		faults: { registerKilled: 0.05, workerKilled: 0.01 },
		cores: {
			...CORES,
			register: (state, event, limits) =>
				decideRegister(
					event.type === "claim" ? { ...state, awaited: [event.worker] } : state,
					event,
					limits,
				),
		},
	},
	"the register that forgot does not ask the logs": {
		faults: { dropped: 0.2, slow: 0.1, registerKilled: 0.1, workerKilled: 0.03 },
		cores: {
			...CORES,
			register: (state, event, limits) => decideRegister({ ...state, logged: 0 }, event, limits),
		},
	},
	"the register recovers a room under the epoch that it had": {
		faults: { workerKilled: 0.02 },
		cores: {
			...CORES,
			register: (state, event, limits) => {
				const next = decideRegister(state, event, limits);
				if (next.state.phase !== "recovering" || state.phase === "recovering") return next;
				const { epoch } = state;
				const effects = next.effects.map((effect) =>
					isSend(effect, "recover")
						? { ...effect, message: { ...effect.message, epoch } as Send["message"] }
						: effect,
				);
				return { state: { ...next.state, epoch }, effects };
			},
		},
	},
	"the register forgets a move when its taker dies": {
		faults: { workerKilled: 0.02 },
		cores: {
			...CORES,
			register: (state, event, limits) => {
				const next = decideRegister(state, event, limits);
				if (event.type !== "died" || state.move?.to !== event.worker) return next;
				return { ...next, effects: without(next.effects, "ended") };
			},
		},
	},
	"a worker that was given up for dead may go on writing": {
		faults: { stalled: 0.02, givenUp: 0.8 },
		cores: { ...CORES, neverSeals: true },
	},
};
