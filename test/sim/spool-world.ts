import { SeededRandom } from "../../protocol/seeded-random.ts";
import {
	type Parcel,
	type SpoolAction,
	type SpoolEvent,
	SpoolState,
} from "../../server/effects/spool-state.ts";

/** What decides: a spool's state, or a broken one. */
type Decide = (state: SpoolState, event: SpoolEvent) => SpoolAction[];

export const asBuilt: Decide = (state, event) => state.on(event);

/** What came of a run. */
interface SpoolRun {
	/** Said by rules whose tick was shown. */
	readonly said: ReadonlySet<string>;
	/** How often each key arrived. */
	readonly arrived: ReadonlyMap<string, number>;
	/** Keys as a receiver that honours them took them, by room. */
	readonly taken: ReadonlyMap<string, readonly string[]>;
	readonly lost: number;
	readonly crashes: number;
	readonly mostAtOnce: number;
}

/**
 * A worker with rooms, its room log, its spool's file and a receiver, on a clock of their own. The process dies at any
 * moment, requests and answers get lost, and files are whatever was written; then another goes on with all of it.
 */
export function runSpool(seed: number, steps: number, decide: Decide = asBuilt): SpoolRun {
	const random = new SeededRandom(seed);
	/** On the disk. */
	const log: Parcel[] = [];
	let file: { add?: Parcel; done?: string }[] = [];
	/** The world outside. */
	const arrived = new Map<string, number>();
	const taken = new Map<string, string[]>();
	const said = new Set<string>();
	let nowMs = 1_000_000;
	let state = new SpoolState();
	let underWay: Parcel[] = [];
	let lost = 0;
	let crashes = 0;
	let mostAtOnce = 0;
	let tick = 0;

	class Died extends Error {}
	/** Any moment may be the last. */
	const mayDie = (): void => {
		if (random.chance(0.01)) throw new Died();
	};
	const act = (actions: readonly SpoolAction[]): void => {
		for (const action of actions) {
			mayDie();
			if (action.type === "keep") file.push({ add: action.parcel });
			else if (action.type === "forget") file.push({ done: action.key });
			else if (action.type === "send") underWay.push(action.parcel);
			else lost++;
		}
		mostAtOnce = Math.max(mostAtOnce, underWay.length);
	};
	const on = (event: SpoolEvent): void => act(decide(state, event));
	const receive = ({ key, room }: Parcel): void => {
		arrived.set(key, (arrived.get(key) ?? 0) + 1);
		const keys = taken.get(room) ?? [];
		if (!keys.includes(key)) keys.push(key);
		taken.set(room, keys);
	};
	/** One wake: the log's write, then the spool's. */
	const say = (): void => {
		const room = `room-${random.below(4)}`;
		const parcel = { key: `${room}:1:${++tick}:0`, room, text: "{}", addedMs: nowMs };
		mayDie();
		log.push(parcel);
		said.add(parcel.key);
		mayDie();
		on({ type: "add", parcel });
	};
	const answer = (): void => {
		if (underWay.length === 0) return;
		const [parcel] = underWay.splice(random.below(underWay.length), 1) as [Parcel];
		const fate = random.below(10);
		if (fate > 2) receive(parcel);
		// 3, 4: it arrived, and the answer was lost
		if (fate > 4) on({ type: "delivered", key: parcel.key });
		else on({ type: "failed", key: parcel.key, nowMs, chance: random.below(100) / 100 });
	};
	/** Another process: what the file says, then what the log says. */
	const startAgain = (): void => {
		state = new SpoolState();
		underWay = [];
		const done = new Set(file.flatMap((line) => line.done ?? []));
		const waiting = file.flatMap(({ add }) => (add && !done.has(add.key) ? [add] : []));
		file = [];
		for (const key of done) file.push({ done: key });
		for (const key of done) decide(state, { type: "known", key });
		for (const parcel of [...waiting, ...log.slice(-20)]) {
			for (const action of decide(state, { type: "add", parcel })) {
				if (action.type === "keep") file.push({ add: action.parcel });
			}
		}
	};
	const step = (choice: number): void => {
		nowMs += random.below(2_000);
		if (choice < 4) say();
		else if (choice < 7) answer();
		else on({ type: "time", nowMs });
	};
	for (let i = 0; i < steps; i++) {
		try {
			step(random.below(10));
		} catch (thrown) {
			if (!(thrown instanceof Died)) throw thrown;
			crashes++;
			startAgain();
		}
	}
	// the weather clears: all that waits arrives
	for (let i = 0; i < 4 * steps && state.size > 0; i++) {
		nowMs += 400_000;
		for (const action of decide(state, { type: "time", nowMs })) {
			if (action.type === "send") underWay.push(action.parcel);
		}
		for (const parcel of underWay.splice(0)) {
			receive(parcel);
			decide(state, { type: "delivered", key: parcel.key });
		}
	}
	return { said, arrived, taken, lost, crashes, mostAtOnce };
}
