import { Histogram, type HistogramData } from "./histogram.ts";

/** What many bots count together; plain data of it can be sent to another thread and added up. */
export class Tally {
	connected = 0;
	disconnects = 0;
	decodeErrors = 0;
	bytes = 0;
	snapshots = 0;
	/** Set once all bots have joined: what came before is not measured. */
	isMeasuring = false;
	readonly errors = new Map<string, number>();
	readonly gapMs = new Histogram();
	readonly latencyMs = new Histogram();

	error(name: string): void {
		this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
	}

	snapshot(bytes: number, gapMs: number, latencyMs: number): void {
		this.bytes += bytes;
		this.snapshots++;
		if (gapMs >= 0) this.gapMs.add(gapMs);
		if (latencyMs >= 0) this.latencyMs.add(latencyMs);
	}

	get data(): TallyData {
		const { connected, disconnects, decodeErrors, bytes, snapshots } = this;
		return {
			connected,
			disconnects,
			decodeErrors,
			bytes,
			snapshots,
			errors: [...this.errors],
			gapMs: this.gapMs.data,
			latencyMs: this.latencyMs.data,
		};
	}

	add(data: TallyData): void {
		this.connected += data.connected;
		this.disconnects += data.disconnects;
		this.decodeErrors += data.decodeErrors;
		this.bytes += data.bytes;
		this.snapshots += data.snapshots;
		for (const [name, count] of data.errors) {
			this.errors.set(name, (this.errors.get(name) ?? 0) + count);
		}
		this.gapMs.merge(data.gapMs);
		this.latencyMs.merge(data.latencyMs);
	}
}

export interface TallyData {
	readonly connected: number;
	readonly disconnects: number;
	readonly decodeErrors: number;
	readonly bytes: number;
	readonly snapshots: number;
	readonly errors: readonly (readonly [string, number])[];
	readonly gapMs: HistogramData;
	readonly latencyMs: HistogramData;
}
