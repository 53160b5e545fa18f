import { describe, expect, it } from "vitest";
import { EFFECT_LIMITS } from "../../server/effects/effect-limits.ts";
import { type Parcel, retryAfterMs, SpoolState } from "../../server/effects/spool-state.ts";
import { asBuilt, runSpool } from "./spool-world.ts";

const SEEDS = Array.from({ length: 300 }, (_, i) => i + 1);

/** What is wrong with a run; null when all is as promised. */
function problemOf({
	said,
	arrived,
	taken,
	mostAtOnce,
}: ReturnType<typeof runSpool>): string | null {
	for (const key of said) if (!arrived.has(key)) return `${key} never arrived`;
	for (const key of arrived.keys()) if (!said.has(key)) return `${key} was never said`;
	for (const [room, keys] of taken) {
		const ticks = keys.map((key) => Number(key.split(":")[2]));
		if (ticks.some((tick, i) => tick < (ticks[i - 1] ?? 0)))
			return `${room} out of order: ${ticks}`;
	}
	return mostAtOnce > EFFECT_LIMITS.sending ? `${mostAtOnce} at once` : null;
}

describe("a spool, whatever crashes or gets lost", () => {
	it("brings all that was shown, in each room's order, a few at a time", () => {
		let crashes = 0;
		let doubled = 0;
		for (const seed of SEEDS) {
			const run = runSpool(seed, 300);
			expect(problemOf(run), `seed ${seed}`).toBeNull();
			crashes += run.crashes;
			doubled += [...run.arrived.values()].filter((times) => times > 1).length;
		}
		// the weather was bad enough
		expect(crashes).toBeGreaterThan(100);
		expect(doubled).toBeGreaterThan(100);
	});

	it.each<[string, Parameters<typeof runSpool>[2]]>([
		[
			"forgets what failed",
			(state, event) =>
				event.type === "failed"
					? asBuilt(state, { type: "delivered", key: event.key })
					: asBuilt(state, event),
		],
		[
			"sends without keeping",
			(state, event) =>
				asBuilt(state, event).filter(
					({ type }) =>
						type !== "keep" || event.type !== "add" || Math.abs(hash(event.parcel)) % 3 > 0,
				),
		],
		[
			"takes a failure for an end of the room's turn",
			(state, event) => {
				const actions = asBuilt(state, event);
				if (event.type !== "time") return actions;
				// all that waits at once, whatever was promised
				const sent = new Set(actions.flatMap((a) => (a.type === "send" ? [a.parcel.key] : [])));
				const more = state.parcels.filter(({ key }) => !sent.has(key)).reverse();
				return [...more.map((parcel) => ({ type: "send" as const, parcel })), ...actions];
			},
		],
	])("is caught when it %s", (_, decide) => {
		const problems = SEEDS.slice(0, 60).map((seed) => problemOf(runSpool(seed, 300, decide)));
		expect(problems.some((problem) => problem !== null)).toBe(true);
	});
});

function hash({ key }: Parcel): number {
	return [...key].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7) | 0;
}

const parcel = (n: number, room = `r${n}`): Parcel => ({
	...{ key: `${room}:${n}`, room, text: "x".repeat(100), addedMs: 0 },
});

describe("a spool's limits", () => {
	it("refuses by name what is too much, and takes more when there is room again", () => {
		const state = new SpoolState();
		for (let i = 0; i < EFFECT_LIMITS.waiting; i++) state.on({ type: "add", parcel: parcel(i) });
		const more = { type: "add", parcel: parcel(-1) } as const;
		expect(state.on(more)).toEqual([{ type: "lose", key: "r-1:-1", why: "full" }]);
		state.on({ type: "delivered", key: "r5:5" });
		expect(state.on(more)).toEqual([{ type: "keep", parcel: parcel(-1) }]);
	});

	it("gives up what nobody took for days, and goes on with what came behind it", () => {
		const state = new SpoolState();
		state.on({ type: "add", parcel: parcel(1, "r") });
		const late = { ...parcel(2, "r"), addedMs: EFFECT_LIMITS.keepMs };
		state.on({ type: "add", parcel: late });
		const nowMs = EFFECT_LIMITS.keepMs + 1;
		expect(state.on({ type: "time", nowMs }).map(({ type }) => type)).toEqual(["lose", "forget"]);
		expect(state.on({ type: "time", nowMs })).toEqual([{ type: "send", parcel: late }]);
	});

	it("takes the same key once, also when it was delivered before", () => {
		const state = new SpoolState();
		state.on({ type: "known", key: "r1:1" });
		expect(state.on({ type: "add", parcel: parcel(1) })).toEqual([]);
		expect(state.on({ type: "add", parcel: parcel(2) })).toHaveLength(1);
		expect(state.on({ type: "add", parcel: parcel(2) })).toEqual([]);
	});

	it("asks a receiver that is down with one result at a time, after pauses, and all the others when it is back", () => {
		const state = new SpoolState();
		for (let i = 0; i < 1_000; i++) state.on({ type: "add", parcel: parcel(i) });
		let nowMs = 0;
		let tries = 0;
		const failAll = (): void => {
			for (const action of state.on({ type: "time", nowMs })) {
				if (action.type !== "send") continue;
				tries++;
				state.on({ type: "failed", key: action.parcel.key, nowMs, chance: 1 });
			}
		};
		for (; nowMs < 600_000; nowMs += 100) failAll();
		// in ten minutes: the first ones, and one at each pause
		expect(tries).toBeLessThan(EFFECT_LIMITS.downAfter + EFFECT_LIMITS.sending + 30);
		expect(tries).toBeGreaterThan(20);
		nowMs = state.wakeMs as number;
		const [probe, ...more] = state.on({ type: "time", nowMs });
		expect([probe?.type, more]).toEqual(["send", []]);
		if (probe?.type === "send") state.on({ type: "delivered", key: probe.parcel.key });
		expect(state.on({ type: "time", nowMs })).toHaveLength(EFFECT_LIMITS.sending);
	});

	it("waits longer after each failure, never more than the most, and never all at the same moment", () => {
		expect([1, 2, 3, 30].map((failures) => retryAfterMs(failures, 1))).toEqual([
			...[1, 2, 4].map((times) => times * EFFECT_LIMITS.retryMs),
			EFFECT_LIMITS.mostRetryMs,
		]);
		expect(retryAfterMs(3, 0)).toBe(retryAfterMs(3, 1) / 2);
	});
});
