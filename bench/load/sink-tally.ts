import { Histogram } from "../../bots/metrics/histogram.ts";

/** What the sinks of one process have got so far. */
export class SinkTally {
	updates = 0;
	updateBytes = 0;
	/** All bytes off the sockets: frame headers, handshakes and other messages too. */
	wireBytes = 0;
	/** Connections that ended by themselves. */
	lost = 0;
	readonly gaps = new Histogram();

	/** `gapMs` is -1 outside the window. */
	update(bytes: number, gapMs: number): void {
		this.updates++;
		this.updateBytes += bytes;
		if (gapMs >= 0) this.gaps.recordMs(gapMs);
	}
}
