const WINDOW_MS = 2_000;

/** Bytes and snapshots over the last two seconds, for the net graph. */
export class Traffic {
	private readonly arrivals: { atMs: number; bytes: number; isSnapshot: boolean }[] = [];
	bytes = 0;
	snapshots = 0;
	snapshotBytes = 0;

	add(atMs: number, bytes: number, isSnapshot: boolean): void {
		this.bytes += bytes;
		if (isSnapshot) {
			this.snapshots++;
			this.snapshotBytes += bytes;
		}
		this.arrivals.push({ atMs, bytes, isSnapshot });
		this.forget(atMs);
	}

	/** Per second, over the window that ends at `nowMs`. */
	rates(nowMs: number): { bytesPerSecond: number; snapshotsPerSecond: number } {
		this.forget(nowMs);
		let bytes = 0;
		let snapshots = 0;
		for (const arrival of this.arrivals) {
			bytes += arrival.bytes;
			if (arrival.isSnapshot) snapshots++;
		}
		const seconds = WINDOW_MS / 1000;
		return { bytesPerSecond: bytes / seconds, snapshotsPerSecond: snapshots / seconds };
	}

	private forget(nowMs: number): void {
		while (this.arrivals.length > 0 && nowMs - (this.arrivals[0]?.atMs ?? 0) > WINDOW_MS) {
			this.arrivals.shift();
		}
	}
}
