export type Listener<T> = (value: T) => void;

/**
 * Those who want to hear of one kind of thing. All of them hear of it, whatever one of them does: one that
 * throws is told of when the others have been called, and one that was removed meanwhile is left out.
 */
export class Listeners<T> {
	private readonly all = new Set<Listener<T>>();

	add(listener: Listener<T>): () => void {
		this.all.add(listener);
		return () => this.all.delete(listener);
	}

	/** @throws what the first listener threw that did */
	emit(value: T): void {
		let failed = false;
		let thrown: unknown;
		for (const listener of [...this.all]) {
			if (!this.all.has(listener)) continue;
			try {
				listener(value);
			} catch (caught) {
				if (!failed) thrown = caught;
				failed = true;
			}
		}
		if (failed) throw thrown;
	}
}
