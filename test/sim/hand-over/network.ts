import type { SeededRandom } from "../../../protocol/seeded-random.ts";
import type { Message, WorkerId } from "../../../server/worker/hand-over/messages.ts";
import type { Timeline } from "../../../testing/timeline.ts";
import type { Faults } from "./faults.ts";

export type Address = WorkerId | "register";

export interface Letter {
	readonly from: Address;
	readonly to: Address;
	readonly message: Message | { readonly type: "died"; readonly worker: WorkerId };
	/** What the decisions do not look at. */
	readonly material: unknown;
}

/** Carries letters between processes: late, twice, never; in order for each pair, unless a store may reorder. */
export class Network {
	faults: Faults;
	private readonly timeline: Timeline;
	private readonly random: SeededRandom;
	private readonly deliver: (letter: Letter) => void;
	private readonly lastAtMs = new Map<string, number>();

	constructor(
		timeline: Timeline,
		random: SeededRandom,
		faults: Faults,
		deliver: (letter: Letter) => void,
	) {
		this.timeline = timeline;
		this.random = random;
		this.faults = faults;
		this.deliver = deliver;
	}

	send(letter: Letter): void {
		const { faults, random } = this;
		if (random.chance(faults.dropped)) return;
		this.plan(letter);
		if (random.chance(faults.doubled)) this.plan(letter);
	}

	private plan(letter: Letter): void {
		const { random, timeline, faults } = this;
		const delayMs = random.chance(faults.slow) ? random.between(2, 60) : random.between(0.05, 1);
		let atMs = timeline.now() + delayMs;
		const isRegister = letter.from === "register" || letter.to === "register";
		if (!isRegister || !faults.reordersRegister) {
			const pair = `${letter.from} ${letter.to}`;
			atMs = Math.max(atMs, this.lastAtMs.get(pair) ?? 0);
			this.lastAtMs.set(pair, atMs);
		}
		timeline.at(atMs, () => this.deliver(letter));
	}
}
