import type { SeededRandom } from "../../protocol/seeded-random.ts";
import type {
	Change,
	CommitResult,
	Entry,
	Store,
	Watcher,
} from "../../server/match/store/store.ts";

/** The process that asked is gone: nothing that it was about to do happens. */
export class Crash extends Error {}

export interface Faults {
	/** Shares of all questions at which the process crashes before, or after it was heard, or sleeps. */
	crash: number;
	lostAnswer: number;
	sleep: number;
}

/** A store as a process sees it that may crash or sleep at any question. */
export class FaultyStore implements Store {
	private readonly store: Store;
	private readonly random: SeededRandom;
	private readonly faults: Faults;
	private readonly spoil: (changes: readonly Change[]) => readonly (readonly Change[])[];
	/** Wakes up those who sleep. */
	private readonly sleepers: (() => void)[] = [];
	private isDead = false;

	/** `spoil` gives what becomes of a commit: one, or many, or another. */
	constructor(
		store: Store,
		random: SeededRandom,
		faults: Faults,
		spoil: (changes: readonly Change[]) => readonly (readonly Change[])[] = (changes) => [changes],
	) {
		this.store = store;
		this.random = random;
		this.faults = faults;
		this.spoil = spoil;
	}

	get isAsleep(): boolean {
		return this.sleepers.length > 0;
	}

	/** All that sleeps goes on. */
	wake(): void {
		for (const wake of this.sleepers.splice(0)) wake();
	}

	/** Nothing is ever answered again. */
	die(): void {
		this.isDead = true;
		this.wake();
	}

	/** Asks something: anything may happen before and after. */
	async ask<T>(question: () => Promise<T>): Promise<T> {
		if (this.random.chance(this.faults.sleep)) {
			await new Promise<void>((resolve) => {
				this.sleepers.push(resolve);
			});
		}
		if (this.isDead || this.random.chance(this.faults.crash)) throw new Crash();
		const answer = await question();
		if (this.isDead || this.random.chance(this.faults.lostAnswer)) throw new Crash();
		return answer;
	}

	get(space: string, key: string): Promise<Entry | null> {
		return this.ask(() => this.store.get(space, key));
	}

	list(space: string, prefix?: string): Promise<readonly Entry[]> {
		return this.ask(() => this.store.list(space, prefix));
	}

	async commit(space: string, changes: readonly Change[]): Promise<CommitResult> {
		let result: CommitResult = { version: 0 };
		for (const part of this.spoil(changes)) {
			result = await this.ask(() => this.store.commit(space, part));
			if (!("version" in result)) return result;
		}
		return result;
	}

	watch(space: string, watcher: Watcher): Promise<() => void> {
		return this.store.watch(space, watcher);
	}

	sweep(): void {}

	async close(): Promise<void> {}
}
