import type { GameModule } from "../../module/game-module.ts";
import type { Room } from "../../room/room.ts";
import { addTo, COUNTED, GameMetrics } from "./game-metrics.ts";

/** A peak is forgotten after one to two of these, ms. */
const PEAK_MS = 1_000;

/** The largest value of the last one to two seconds. */
class Peak {
	private now = 0;
	private before = 0;

	get value(): number {
		return Math.max(this.now, this.before);
	}

	see(value: number): void {
		if (value > this.now) this.now = value;
	}

	age(): void {
		this.before = this.now;
		this.now = 0;
	}
}

/** Data about one running room beyond its own counters, and how much of those is already summed up. */
export class RoomWatch {
	readonly room: Room;
	/** The rules that `metrics` counts for. */
	game: GameModule;
	/** Where the room's counts go. */
	metrics: GameMetrics;
	frames = 0;
	frameMs = 0;
	fuel = 0;
	readonly frameMsPeak = new Peak();
	readonly latenessMsPeak = new Peak();
	readonly fuelPeak = new Peak();
	private agedMs = performance.now();
	private readonly settled = new Map<string, number>();

	constructor(room: Room, metrics: GameMetrics) {
		this.room = room;
		this.game = room.game;
		this.metrics = metrics;
		// what a room that came from another process has counted, was counted there
		this.settleCounters(new GameMetrics("", "", ""));
	}

	/** A frame of the room is over. */
	frame(): void {
		const { room, metrics } = this;
		const { frameMs, encodeMs } = room.timing;
		const { fuelSpent, fuelPerTick } = room.simulation;
		this.frames++;
		this.frameMs += frameMs;
		this.fuel += fuelSpent;
		this.frameMsPeak.see(frameMs);
		this.latenessMsPeak.see(room.counters.latenessMs);
		this.fuelPeak.see(fuelSpent);
		metrics.tickSeconds.observe(frameMs / 1000);
		metrics.fuelRatio.observe(fuelSpent / fuelPerTick);
		metrics.fuel += fuelSpent;
		if (encodeMs > 0) metrics.encodeSeconds.observe(encodeMs / 1000);
	}

	/** Lets peaks fade, whether or not the room ticks. */
	age(nowMs: number): void {
		if (nowMs - this.agedMs < PEAK_MS) return;
		this.agedMs = nowMs;
		this.frameMsPeak.age();
		this.latenessMsPeak.age();
		this.fuelPeak.age();
	}

	/** Adds what the room has counted since the last time to its game. */
	settle(): void {
		const { recorder } = this.room;
		const { metrics } = this;
		this.settleCounters(metrics);
		metrics.journalBytes += this.since("journal", recorder?.bytes ?? 0);
		metrics.journalsStopped += this.since("stopped", recorder?.stopped ? 1 : 0);
	}

	private settleCounters(metrics: GameMetrics): void {
		const { counters } = this.room;
		for (const name of COUNTED) metrics.counts[name] += this.since(name, counters[name]);
		for (const [kind, bytes] of Object.entries(counters.sentBytes)) {
			addTo(metrics.sentBytes, kind, this.since(`sent ${kind}`, bytes));
		}
		const { counts } = metrics.latenessSeconds;
		for (let i = 0; i < counts.length; i++) {
			const more = this.since(`lateness ${i}`, counters.lateness[i]);
			counts[i] = counts[i] + more;
		}
		metrics.latenessSeconds.sum += this.since("lateness", counters.latenessSumMs) / 1000;
	}

	private since(name: string, value: number): number {
		const before = this.settled.get(name) ?? 0;
		this.settled.set(name, value);
		return value - before;
	}
}
