export type Listener<T> = (value: T) => void;

/** Those who want to hear of one kind of thing. */
export class Listeners<T> {
	private readonly all = new Set<Listener<T>>();

	add(listener: Listener<T>): () => void {
		this.all.add(listener);
		return () => this.all.delete(listener);
	}

	emit(value: T): void {
		for (const listener of this.all) listener(value);
	}
}
