import { Histogram, type HistogramData } from "./histogram.ts";

/** One second of one squad. */
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

/** One stretch of time of the whole run, a second or more. */
export interface Point {
	second: number;
	seconds: number;
	/** Squads that have reported it. */
	squads: number;
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
	toolCpu: number | null;
	server: ServerPoint;
}

/** Points kept: a run of days stays within a few megabytes, at a coarser resolution. */
const MOST_POINTS = 600;
const UNKNOWN: ServerPoint = { cpu: null, tickLatenessP99Ms: null };

function emptyPoint(second: number, seconds: number): Point {
	return {
		second,
		seconds,
		squads: 0,
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
		toolCpu: null,
		server: UNKNOWN,
	};
}

function mean(a: number | null, b: number | null): number | null {
	return a === null || b === null ? (a ?? b) : (a + b) / 2;
}

function most(a: number | null, b: number | null): number | null {
	return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** Puts the later of two points into the earlier. */
function join(a: Point, b: Point): void {
	a.seconds += b.seconds;
	a.squads = Math.min(a.squads, b.squads);
	a.snapshots += b.snapshots;
	a.receivedBytes += b.receivedBytes;
	a.sentBytes += b.sentBytes;
	a.gaps.merge(b.gaps.data);
	a.latencies.merge(b.latencies.data);
	a.lateness.merge(b.lateness.data);
	a.busy = Math.max(a.busy, b.busy);
	a.toolCpu = mean(a.toolCpu, b.toolCpu);
	a.server = {
		cpu: mean(a.server.cpu, b.server.cpu),
		tickLatenessP99Ms: most(a.server.tickLatenessP99Ms, b.server.tickLatenessP99Ms),
	};
}

/** A run over time: slices of all squads by second, at most so many points. */
export class Series {
	readonly points: Point[] = [];
	private width = 1;

	private at(second: number): Point {
		const slot = Math.floor(second / this.width);
		while (this.points.length <= slot) {
			this.points.push(emptyPoint(this.points.length * this.width, this.width));
		}
		if (this.points.length <= MOST_POINTS) return this.points[slot] as Point;
		this.halve();
		return this.at(second);
	}

	private halve(): void {
		this.width *= 2;
		const { points } = this;
		for (let i = 0; 2 * i < points.length; i++) {
			const point = points[2 * i] as Point;
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
			point.squads++;
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

	/** Adds what is known of a second apart from the squads. */
	addOutside(second: number, toolCpu: number, server: ServerPoint | null): void {
		const point = this.at(second);
		point.toolCpu = mean(point.toolCpu, toolCpu);
		if (server === null) return;
		point.server = {
			cpu: mean(point.server.cpu, server.cpu),
			tickLatenessP99Ms: most(point.server.tickLatenessP99Ms, server.tickLatenessP99Ms),
		};
	}
}
