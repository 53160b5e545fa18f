import { Histogram, type HistogramData } from "./histogram.ts";

/** One second of one worker. */
export interface Slice {
	/** Since the run began. */
	readonly second: number;
	readonly playing: number;
	readonly clients: number;
	readonly snapshots: number;
	readonly receivedBytes: number;
	readonly sentBytes: number;
	/** Since the run began. */
	readonly refused: number;
	readonly disconnects: number;
	readonly gaps: HistogramData;
	readonly latencies: HistogramData;
	readonly lateness: HistogramData;
	/** Share of the second that the thread was busy. */
	readonly busy: number;
}

/** What the server told of itself in one second; null where it could not be measured. */
export interface ServerPoint {
	/** Processor time as a share of one core. */
	readonly cpu: number | null;
	readonly tickLatenessP99Ms: number | null;
}

/** A mean of seconds, each of which weighs the same however they are put together. */
export class Mean {
	private sum = 0;
	private count = 0;

	/** Null when nothing was added. */
	get value(): number | null {
		return this.count === 0 ? null : this.sum / this.count;
	}

	add(value: number | null): void {
		if (value === null) return;
		this.sum += value;
		this.count++;
	}

	merge({ sum, count }: Mean): void {
		this.sum += sum;
		this.count += count;
	}
}

/** One stretch of time of the whole run, a second or more. */
export interface Point {
	second: number;
	seconds: number;
	/** Workers that have reported it. */
	workers: number;
	playing: number;
	clients: number;
	snapshots: number;
	receivedBytes: number;
	sentBytes: number;
	refused: number;
	disconnects: number;
	readonly gaps: Histogram;
	readonly latencies: Histogram;
	readonly lateness: Histogram;
	busy: number;
	/** Processor time of this tool, as a share of one core. */
	readonly toolCpu: Mean;
	readonly serverCpu: Mean;
	tickLatenessP99Ms: number | null;
}

/** Points kept: a run of days stays within a few megabytes, at a coarser resolution. */
const MOST_POINTS = 600;

function emptyPoint(second: number, seconds: number): Point {
	return {
		second,
		seconds,
		workers: 0,
		playing: 0,
		clients: 0,
		snapshots: 0,
		receivedBytes: 0,
		sentBytes: 0,
		refused: 0,
		disconnects: 0,
		gaps: new Histogram(),
		latencies: new Histogram(),
		lateness: new Histogram(),
		busy: 0,
		toolCpu: new Mean(),
		serverCpu: new Mean(),
		tickLatenessP99Ms: null,
	};
}

function most(a: number | null, b: number | null): number | null {
	return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** Puts the later of two points into the earlier. */
function join(a: Point, b: Point): void {
	a.seconds += b.seconds;
	a.workers = Math.min(a.workers, b.workers);
	a.snapshots += b.snapshots;
	a.receivedBytes += b.receivedBytes;
	a.sentBytes += b.sentBytes;
	a.gaps.merge(b.gaps.data);
	a.latencies.merge(b.latencies.data);
	a.lateness.merge(b.lateness.data);
	a.busy = Math.max(a.busy, b.busy);
	a.toolCpu.merge(b.toolCpu);
	a.serverCpu.merge(b.serverCpu);
	a.tickLatenessP99Ms = most(a.tickLatenessP99Ms, b.tickLatenessP99Ms);
}

/** A run over time: slices of all workers by second, at most so many points. */
export class Series {
	readonly points: Point[] = [];
	private width = 1;

	private at(second: number): Point {
		const slot = Math.floor(second / this.width);
		while (this.points.length <= slot) {
			this.points.push(emptyPoint(this.points.length * this.width, this.width));
		}
		if (this.points.length <= MOST_POINTS) return this.points[slot];
		this.halve();
		return this.at(second);
	}

	private halve(): void {
		this.width *= 2;
		const { points } = this;
		for (let i = 0; 2 * i < points.length; i++) {
			const point = points[2 * i];
			const next = points[2 * i + 1];
			if (next) join(point, next);
			point.seconds = this.width;
			points[i] = point;
		}
		points.length = Math.ceil(points.length / 2);
	}

	add(slice: Slice): void {
		const point = this.at(slice.second);
		// counts of the moment are those of a point's first second
		if (point.second === slice.second) {
			point.workers++;
			point.playing += slice.playing;
			point.clients += slice.clients;
			point.refused += slice.refused;
			point.disconnects += slice.disconnects;
		}
		point.snapshots += slice.snapshots;
		point.receivedBytes += slice.receivedBytes;
		point.sentBytes += slice.sentBytes;
		point.gaps.merge(slice.gaps);
		point.latencies.merge(slice.latencies);
		point.lateness.merge(slice.lateness);
		point.busy = Math.max(point.busy, slice.busy);
	}

	/** Adds what is known of a second apart from the workers. */
	addOutside(second: number, toolCpu: number, server: ServerPoint | null): void {
		const point = this.at(second);
		point.toolCpu.add(toolCpu);
		if (server === null) return;
		point.serverCpu.add(server.cpu);
		point.tickLatenessP99Ms = most(point.tickLatenessP99Ms, server.tickLatenessP99Ms);
	}
}
