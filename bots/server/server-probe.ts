import type { ServerPoint } from "../figures/series.ts";
import { httpOf } from "./open-room.ts";
import { type Buckets, bucketsOf, parsePrometheus, quantileBetween } from "./prometheus.ts";

const CPU = "process_cpu_seconds_total";
const LATENESS = "hotstep_tick_lateness_seconds_bucket";
const TIMEOUT_MS = 2_000;

interface Reading {
	atMs: number;
	cpuSeconds: number | null;
	lateness: Buckets | null;
}

/** What the server's own figures say of a window; null where it does not measure. */
export interface ServerFigures {
	/** Processor time as a share of one core. */
	cpu: number | null;
	tickLatenessP50Ms: number | null;
	tickLatenessP99Ms: number | null;
	/** Ticks that were dropped because rooms could not catch up. */
	droppedTicks: number | null;
	rooms: number | null;
	/** Why figures are missing; null when none is. */
	missing: string | null;
}

async function getText(url: string): Promise<string | null> {
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
		return response.ok ? await response.text() : null;
	} catch {
		return null;
	}
}

/** What `/rooms` says of all rooms; null when it does not answer so. */
async function readRooms(base: string): Promise<{ rooms: number; droppedTicks: number } | null> {
	const text = await getText(`${base}/rooms`);
	try {
		const rooms = JSON.parse(text ?? "null") as { droppedTicks?: number }[] | null;
		if (!Array.isArray(rooms)) return null;
		const droppedTicks = rooms.reduce((sum, room) => sum + (room.droppedTicks ?? 0), 0);
		return { rooms: rooms.length, droppedTicks };
	} catch {
		return null;
	}
}

function perCore(from: Reading, to: Reading): number | null {
	if (from.cpuSeconds === null || to.cpuSeconds === null) return null;
	return ((to.cpuSeconds - from.cpuSeconds) * 1000) / (to.atMs - from.atMs);
}

function latenessMs(from: Reading, to: Reading, share: number): number | null {
	if (from.lateness === null || to.lateness === null) return null;
	const seconds = quantileBetween(from.lateness, to.lateness, share);
	return seconds === null ? null : seconds * 1000;
}

/** Asks a server for its own figures over HTTP: its processor time and how late its ticks were. */
export class ServerProbe {
	private readonly base: string;
	private last: Reading | null = null;
	private first: Reading | null = null;
	private firstRooms: Awaited<ReturnType<typeof readRooms>> = null;
	private hasMetrics = true;

	constructor(url: string) {
		this.base = httpOf(url);
	}

	private async read(): Promise<Reading | null> {
		if (!this.hasMetrics) return null;
		const text = await getText(`${this.base}/metrics`);
		const samples = parsePrometheus(text ?? "");
		const cpu = samples.get(CPU)?.[0]?.value ?? null;
		const lateness = bucketsOf(samples.get(LATENESS));
		if (cpu === null && lateness === null) return null;
		return { atMs: performance.now(), cpuSeconds: cpu, lateness };
	}

	/** The time since it was asked last, to be asked once a second; null at first and without metrics. */
	async point(): Promise<ServerPoint | null> {
		const { last } = this;
		const now = await this.read();
		// a server that has no metrics at the start is not asked every second
		if (now === null && last === null) this.hasMetrics = false;
		this.last = now ?? last;
		if (last === null || now === null) return null;
		return { cpu: perCore(last, now), tickLatenessP99Ms: latenessMs(last, now, 0.99) };
	}

	/** A window begins. */
	async open(): Promise<void> {
		this.first = await this.read();
		this.firstRooms = await readRooms(this.base);
	}

	/** What the server says of the window that began with `open`. */
	async close(): Promise<ServerFigures> {
		const { first, firstRooms } = this;
		const now = first === null ? null : await this.read();
		const rooms = await readRooms(this.base);
		const cpu = first && now ? perCore(first, now) : null;
		const p99 = first && now ? latenessMs(first, now, 0.99) : null;
		return {
			cpu,
			tickLatenessP50Ms: first && now ? latenessMs(first, now, 0.5) : null,
			tickLatenessP99Ms: p99,
			// rooms that were closed in between take their count with them
			droppedTicks:
				rooms && firstRooms ? Math.max(0, rooms.droppedTicks - firstRooms.droppedTicks) : null,
			rooms: rooms?.rooms ?? null,
			missing: cpu === null || p99 === null ? this.whyMissing(cpu, p99) : null,
		};
	}

	private whyMissing(cpu: number | null, p99: number | null): string {
		if (this.first === null) return "the server has no /metrics";
		if (cpu === null && p99 === null) return "the server stopped to answer /metrics";
		return cpu === null ? `/metrics has no ${CPU}` : `/metrics has no ${LATENESS}, or no tick`;
	}
}
