import type { ServerPoint } from "../metrics/series.ts";
import { httpOf } from "./open-room.ts";
import { type Buckets, bucketsOf, parsePrometheus, quantileBetween } from "./prometheus.ts";

const CPU = "process_cpu_seconds_total";
const LATENESS = "hotstep_tick_lateness_seconds_bucket";
const DROPPED = "hotstep_ticks_dropped_total";
const BUILD = "hotstep_build_info";
const STARTED = "process_start_time_seconds";
const TIMEOUT_MS = 2_000;

interface Reading {
	atMs: number;
	cpuSeconds: number | null;
	lateness: Buckets | null;
	/** Ticks dropped, in rooms that are gone too. */
	dropped: number | null;
	/** Counters of a process that was started again begin at 0. */
	startedAt: number | null;
	version: string | null;
}

/** What the server's own metrics say of a window; null where it does not measure. */
export interface ServerMetrics {
	/** Processor time as a share of one core. */
	cpu: number | null;
	tickLatenessP50Ms: number | null;
	tickLatenessP99Ms: number | null;
	/** Ticks that were dropped because rooms could not catch up. */
	droppedTicks: number | null;
	rooms: number | null;
	/** Version of Hotstep that it runs. */
	version: string | null;
	/** Why metrics are missing; null when none are. */
	missing: string | null;
}

/** What was answered, with the HTTP status; null when nothing was in time. */
interface Answer {
	readonly status: number;
	readonly text: string;
}

async function ask(url: string, token: string | null): Promise<Answer | null> {
	try {
		const response = await fetch(url, {
			// a server of another machine tells its metrics to the admin alone
			headers: token === null ? {} : { authorization: `Bearer ${token}` },
			signal: AbortSignal.timeout(TIMEOUT_MS),
		});
		return { status: response.status, text: await response.text() };
	} catch {
		return null;
	}
}

/** What `/rooms` says of all rooms; null when it does not answer so. */
async function readRooms(base: string): Promise<{ rooms: number; droppedTicks: number } | null> {
	const answer = await ask(`${base}/rooms`, null);
	try {
		const rooms = JSON.parse(answer?.status === 200 ? answer.text : "null") as
			| { droppedTicks?: number }[]
			| null;
		if (!Array.isArray(rooms)) return null;
		const droppedTicks = rooms.reduce((sum, room) => sum + (room.droppedTicks ?? 0), 0);
		return { rooms: rooms.length, droppedTicks };
	} catch {
		return null;
	}
}

/** What came between; null when it cannot be told, as when closed rooms took their counts with them. */
function more(from: number | null | undefined, to: number | null | undefined): number | null {
	return from == null || to == null || to < from ? null : to - from;
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

/** Asks a server for its own metrics over HTTP: its processor time and how late its ticks were. */
export class ServerProbe {
	private readonly base: string;
	private last: Reading | null = null;
	private first: Reading | null = null;
	private hasRestarted = false;
	private firstRooms: Awaited<ReturnType<typeof readRooms>> = null;
	private readonly token: string | null;
	/** The status of an answer without metrics: then the server is not asked any more. */
	private refusal: number | null = null;

	/** `token`: the admin token, where it is known. */
	constructor(url: string, token: string | null) {
		this.base = httpOf(url);
		this.token = token;
	}

	private async read(): Promise<Reading | null> {
		if (this.refusal !== null) return null;
		const answer = await ask(`${this.base}/metrics`, this.token);
		const samples = parsePrometheus(answer?.status === 200 ? answer.text : "");
		const cpu = samples.get(CPU)?.[0]?.value ?? null;
		const lateness = bucketsOf(samples.get(LATENESS));
		if (cpu !== null || lateness !== null) {
			const dropped = samples.get(DROPPED)?.reduce((sum, { value }) => sum + value, 0) ?? null;
			const startedAt = samples.get(STARTED)?.[0]?.value ?? null;
			const version = samples.get(BUILD)?.[0]?.labels.version ?? null;
			return { atMs: performance.now(), cpuSeconds: cpu, lateness, dropped, startedAt, version };
		}
		// one that was too busy to answer may do so yet
		if (answer !== null && this.last === null) this.refusal = answer.status;
		return null;
	}

	/** The time since it was asked last, to be asked once a second; null at first and without metrics. */
	async point(): Promise<ServerPoint | null> {
		const { last } = this;
		const now = await this.read();
		this.last = now ?? last;
		if (last === null || now === null || last.startedAt !== now.startedAt) return null;
		return { cpu: perCore(last, now), tickLatenessP99Ms: latenessMs(last, now, 0.99) };
	}

	/** A window begins. */
	async open(): Promise<void> {
		this.first = await this.read();
		this.firstRooms = await readRooms(this.base);
	}

	/** What the server says of the window that began with `open`. */
	async close(): Promise<ServerMetrics> {
		const { first, firstRooms } = this;
		const read = first === null ? null : await this.read();
		const rooms = await readRooms(this.base);
		this.hasRestarted = first !== null && read !== null && first.startedAt !== read.startedAt;
		const now = this.hasRestarted ? null : read;
		const cpu = first && now ? perCore(first, now) : null;
		const p99 = first && now ? latenessMs(first, now, 0.99) : null;
		return {
			cpu,
			tickLatenessP50Ms: first && now ? latenessMs(first, now, 0.5) : null,
			tickLatenessP99Ms: p99,
			droppedTicks:
				first && now
					? more(first.dropped, now.dropped)
					: more(firstRooms?.droppedTicks, rooms?.droppedTicks),
			rooms: rooms?.rooms ?? null,
			version: (now ?? first)?.version ?? null,
			missing: cpu === null || p99 === null ? this.whyMissing(cpu, p99) : null,
		};
	}

	private whyMissing(cpu: number | null, p99: number | null): string {
		if (this.refusal === 401 || this.refusal === 403) {
			return "the server shows its /metrics only with its --admin-token";
		}
		if (this.refusal !== null) return "the server has no /metrics";
		if (this.first === null) return "the server did not answer /metrics";
		if (this.hasRestarted) return "the server began anew in the middle";
		if (cpu === null && p99 === null) return "the server stopped to answer /metrics";
		return cpu === null ? `/metrics has no ${CPU}` : `/metrics has no ${LATENESS}, or no tick`;
	}
}
