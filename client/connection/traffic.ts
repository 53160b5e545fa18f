import { CHUNK, type Chunk } from "../../protocol/messages/server-message.ts";

const WINDOW_MS = 2_000;

/** What a part of a snapshot is for; see PROTOCOL.md. */
export type ChunkKind = keyof typeof CHUNK;
const KINDS = Object.keys(CHUNK) as ChunkKind[];

/** Bytes and snapshots over the last two seconds, for the net graph. */
export class Traffic {
	private readonly chunks: { atMs: number; kind: ChunkKind; bytes: number }[] = [];
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

	/** Notes what a snapshot was made of. */
	addChunks(atMs: number, chunks: readonly Chunk[]): void {
		for (const { kind, data } of chunks) {
			const name = KINDS.find((each) => CHUNK[each] === kind);
			if (name) this.chunks.push({ atMs, kind: name, bytes: data.length });
		}
		this.forget(atMs);
	}

	/** Bytes of each kind of chunk per second, over the window that ends at `nowMs`. */
	bytesByKind(nowMs: number): Record<ChunkKind, number> {
		this.forget(nowMs);
		const found = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<ChunkKind, number>;
		for (const { kind, bytes } of this.chunks) found[kind] += (bytes * 1000) / WINDOW_MS;
		return found;
	}

	private forget(nowMs: number): void {
		while (this.chunks.length > 0 && nowMs - (this.chunks[0]?.atMs ?? 0) > WINDOW_MS) {
			this.chunks.shift();
		}
		while (this.arrivals.length > 0 && nowMs - (this.arrivals[0]?.atMs ?? 0) > WINDOW_MS) {
			this.arrivals.shift();
		}
	}
}
