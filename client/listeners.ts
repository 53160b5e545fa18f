export type Listener<T> = (value: T) => void;

/**
 * The listeners for one kind of event. All are called, whatever one of them does: an exception is
 * rethrown after the others have been called, and a listener removed in the meantime is skipped.
 */
export class Listeners<T> {
	private readonly all = new Set<Listener<T>>();

	add(listener: Listener<T>): () => void {
		this.all.add(listener);
		return () => this.all.delete(listener);
	}

	/** @throws the first exception that a listener threw */
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
