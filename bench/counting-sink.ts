import type { ClientSink } from "../server/room/sink.ts";
import type { SharedBytes } from "../server/snapshot/shared-bytes.ts";

/** A client whose network takes everything at once; it only counts. */
export class CountingSink implements ClientSink {
	readonly isBusy = false;
	snapshots = 0;
	snapshotBytes = 0;

	send(): void {}

	sendShared(frame: SharedBytes, prefixBytes: number): void {
		this.snapshots++;
		this.snapshotBytes += prefixBytes + frame.sharedBytes;
	}

	drop(name: string, detail: string): void {
		throw new Error(`a client was dropped: ${name}, ${detail}`);
	}
}
