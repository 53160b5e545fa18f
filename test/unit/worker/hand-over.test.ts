import { describe, expect, it } from "vitest";
import { bestClaim } from "../../../server/worker/hand-over/best-claim.ts";
import { claimOf } from "../../../server/worker/hand-over/claim-of.ts";
import { decideGiver } from "../../../server/worker/hand-over/giver.ts";
import {
	type GiverEvent,
	type GiverState,
	NO_GIVER,
} from "../../../server/worker/hand-over/giver-state.ts";
import { decideRegister } from "../../../server/worker/hand-over/register.ts";
import { openRegister } from "../../../server/worker/hand-over/register-state.ts";
import { NO_TAKER } from "../../../server/worker/hand-over/taker-state.ts";

const ASKED: GiverEvent = {
	type: "asked",
	term: 1,
	move: 7,
	epoch: 1,
	to: "b",
	next: 100,
	isOnProbation: false,
};

/** A giver after `events`, and what it did about the last of them. */
function giver(...events: GiverEvent[]): { state: GiverState; did: string[] } {
	let state = decideGiver(NO_GIVER, { type: "own", epoch: 1, isSettled: true }).state;
	let did: string[] = [];
	for (const event of events) {
		const next = decideGiver(state, event);
		state = next.state;
		did = next.effects.map((effect) =>
			effect.do === "send" ? `${effect.message.type} to ${effect.to}` : effect.do,
		);
	}
	return { state, did };
}

const DECIDING: GiverEvent[] = [
	ASKED,
	{ type: "at", move: 7, tick: 99 },
	{ type: "frozen", tick: 100 },
	{ type: "ready", move: 7, tick: 100 },
];

describe("the giver of a room", () => {
	it("prepares, freezes when the taker is near, asks when it is ready", () => {
		expect(giver(ASKED).did).toEqual(["prepare to b", "timer"]);
		expect(giver(ASKED, { type: "at", move: 7, tick: 97 }).did).toEqual([]);
		expect(giver(...DECIDING.slice(0, 2)).did).toEqual(["freeze"]);
		expect(giver(...DECIDING.slice(0, 3)).did).toEqual(["rest to b", "timer"]);
		expect(giver(...DECIDING).did).toEqual(["change to register", "timer"]);
	});

	it("thaws by itself before it has asked, and never afterwards", () => {
		const troubles: GiverEvent[] = [
			{ type: "timer" },
			{ type: "died", worker: "b" },
			{ type: "failed", move: 7, why: "ERR_MOVE_HASH" },
		];
		for (const trouble of troubles) {
			const before = giver(...DECIDING.slice(0, 3), trouble);
			expect(before.did).toEqual(["thaw", "cancel to b", "abandoned to register"]);
			expect(before.state.phase).toBe("playing");
			const after = giver(...DECIDING, trouble);
			expect(after.state.phase).toBe("deciding");
			expect(after.did).not.toContain("thaw");
		}
	});

	it("does not move while a fault would still bring old rules back", () => {
		const busy = giver({ ...ASKED, isOnProbation: true });
		expect([busy.state.phase, busy.did]).toEqual(["playing", ["abandoned to register"]]);
		expect(busy.state.ended).toEqual({ move: 7, why: "ERR_MOVE_BUSY" });
	});

	it("keeps what its log has until another log has it", () => {
		const given: GiverEvent[] = [
			...DECIDING,
			{ type: "changed", term: 1, move: 7, epoch: 2 },
			{ type: "packed", parts: 1 },
		];
		expect(giver(...given, { type: "adopted", move: 7, part: 0 }).did).toEqual(["closeLog"]);
		const died = giver(...given, { type: "died", worker: "b" });
		expect(died.did).toEqual(["closeSockets", "doubt to register", "timer"]);
		expect(died.state.phase).toBe("given");
		const elsewhere: GiverEvent = { type: "refused", term: 1, move: 7, epoch: 3, owner: "c" };
		const told = giver(...given, { type: "died", worker: "b" }, elsewhere);
		expect([told.state.phase, told.did]).toEqual(["none", ["closeLog"]]);
	});

	it("says that a match is over, to the taker too, and again when it is asked for the room", () => {
		expect(giver(ASKED, { type: "over" }).did).toEqual(["cancel to b", "over to register"]);
		const again = giver({ type: "over" }, ASKED);
		expect(again.did).toEqual(["over to register"]);
		expect(giver(...DECIDING, { type: "over" }).state.phase).toBe("deciding");
	});

	it("drops a room that is already further on elsewhere", () => {
		const fenced = giver({ type: "fenced", epoch: 3 });
		expect(fenced.did).toEqual(["discard", "closeSockets"]);
		expect(fenced.state.phase).toBe("none");
	});

	it("hears no register of an earlier term", () => {
		expect(giver({ type: "term", term: 2 }, ASKED).state.phase).toBe("playing");
	});
});

describe("the owner register", () => {
	it("refuses by name what cannot be", () => {
		const ended = (state: ReturnType<typeof openRegister>, to: string): unknown =>
			decideRegister(state, { type: "move", to, alive: ["a", "b"] }).effects;
		const open = openRegister("a", 1);
		expect(ended(open, "a")).toMatchObject([{ result: "ERR_MOVE_WORKER" }]);
		expect(ended(open, "c")).toMatchObject([{ result: "ERR_MOVE_WORKER" }]);
		const { state } = decideRegister(open, { type: "move", to: "b", alive: ["a", "b"] });
		expect(ended(state, "b")).toMatchObject([{ result: "ERR_MOVE_BUSY" }]);
		const over = decideRegister(state, { type: "over", worker: "a", epoch: 1 });
		expect(over.effects).toMatchObject([
			{ do: "send", to: "b", message: { type: "refused" } },
			{ do: "ended", result: "ERR_MOVE_OVER" },
		]);
		expect(ended(over.state, "b")).toMatchObject([{ result: "ERR_MOVE_OVER" }]);
	});

	it("opens no room again that is over", () => {
		const over = decideRegister(openRegister("a", 1), {
			type: "over",
			worker: "a",
			epoch: 1,
		}).state;
		const died = { type: "died", worker: "a", heirs: ["b"], logged: 1 } as const;
		expect(decideRegister(over, died)).toEqual({ state: over, effects: [] });
	});

	it("tells nobody that a room is elsewhere before somebody has it", () => {
		const open = openRegister("a", 1);
		const asked = decideRegister(open, { type: "move", to: "b", alive: ["a", "b"] }).state;
		const move = asked.lastMove;
		const change = { type: "change", worker: "a", move, epoch: 1, to: "b" } as const;
		const changed = decideRegister(asked, change).state;
		const died = { type: "died", worker: "b", heirs: ["c"], logged: 1 } as const;
		const recovering = decideRegister(changed, died).state;
		const doubt = { type: "doubt", worker: "a", move } as const;
		expect(decideRegister(recovering, doubt).effects).toEqual([]);
		const { epoch } = recovering;
		const back = decideRegister(recovering, { type: "done", worker: "c", epoch }).state;
		expect(decideRegister(back, doubt).effects).toMatchObject([
			{ to: "a", message: { type: "refused", epoch, owner: "c" } },
		]);
	});

	it("numbers moves so that a later term's are higher", () => {
		const move = { type: "move", to: "b", alive: ["b"] } as const;
		const first = decideRegister(openRegister("a", 1), move).state.lastMove;
		const later = decideRegister(openRegister("a", 2), move).state.lastMove;
		expect(later).toBeGreaterThan(first + 1_000_000);
		expect(
			Number.isSafeInteger(decideRegister(openRegister("a", 2 ** 20), move).state.lastMove),
		).toBe(true);
	});
});

describe("claims to a room", () => {
	const given = { kind: "given", epoch: 2, to: "b", move: 7 } as const;

	it("go by the epoch, and a gift is the receiver's only while it lives", () => {
		const none = { kind: "none" } as const;
		const old = { kind: "owner", epoch: 1 } as const;
		expect(bestClaim([{ worker: "a", claim: none }])).toBeNull();
		const heard = [
			{ worker: "a", claim: given },
			{ worker: "c", claim: old },
		];
		expect(bestClaim(heard)).toBeNull();
		expect(bestClaim([...heard, { worker: "b", claim: none }])).toEqual({
			worker: "b",
			epoch: 2,
			move: 7,
			isRestoring: false,
		});
		const restoring = { worker: "d", claim: { kind: "restoring", epoch: 5 } } as const;
		expect(bestClaim([...heard, restoring])).toMatchObject({ worker: "d", isRestoring: true });
		const own = { worker: "b", claim: { kind: "owner", epoch: 2 } } as const;
		expect(bestClaim([...heard, own])).toEqual({
			worker: "b",
			epoch: 2,
			move: 0,
			isRestoring: false,
		});
	});

	it("are made by who has the room or gave it, not by who is only ready", () => {
		expect(claimOf(NO_GIVER, { ...NO_TAKER, phase: "ready" })).toEqual({ kind: "none" });
		const restoring = { ...NO_TAKER, phase: "restoring", recovery: 4 } as const;
		expect(claimOf(NO_GIVER, restoring)).toEqual({ kind: "restoring", epoch: 4 });
		const gave = giver(...DECIDING, { type: "changed", term: 1, move: 7, epoch: 2 });
		expect(gave.did).toEqual(["packSockets", "discard"]);
		expect(claimOf(gave.state, NO_TAKER)).toEqual(given);
	});
});
