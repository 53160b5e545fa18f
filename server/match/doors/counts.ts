/** How many there are of each key, with a most. */
export class Counts {
	private readonly counts = new Map<string, number>();
	private readonly most: number;

	constructor(most: number) {
		this.most = most;
	}

	/** One more, unless there are as many as there may be. */
	add(key: string, most = this.most): boolean {
		const count = this.of(key);
		if (count >= most) return false;
		this.counts.set(key, count + 1);
		return true;
	}

	remove(key: string): void {
		const count = this.of(key);
		if (count <= 1) this.counts.delete(key);
		else this.counts.set(key, count - 1);
	}

	of(key: string): number {
		return this.counts.get(key) ?? 0;
	}

	get size(): number {
		return this.counts.size;
	}
}
