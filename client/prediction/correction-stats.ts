const WINDOW_MS = 2_000;

/** Recent corrections, and what they cost. */
export interface CorrectionFigures {
	/** Total corrections. */
	readonly corrections: number;
	readonly correctionsPerSecond: number;
	/** Mean distance of the last corrections that moved something, units of the axis columns. */
	readonly meanCorrection: number;
	readonly maxCorrection: number;
	/** Distance of the last correction; 0 when it moved nothing. */
	readonly lastCorrection: number;
	/** Ticks run again per second. */
	readonly rerunTicksPerSecond: number;
	/** Total ticks run again. */
	readonly rerunTicks: number;
}

interface Entry {
	readonly atMs: number;
	readonly distance: number;
	readonly rerunTicks: number;
}

/** Counts corrections, over the last two seconds and in total. */
export class CorrectionStats {
	private readonly recent: Entry[] = [];
	private corrections = 0;
	private rerunTicks = 0;
	private lastCorrection = 0;

	/** `distance` is 0 if something other than the position differed. */
	addCorrection(distance: number, nowMs: number): void {
		this.corrections++;
		this.lastCorrection = distance;
		this.add({ atMs: nowMs, distance, rerunTicks: 0 });
	}

	addRerun(ticks: number, nowMs: number): void {
		if (ticks === 0) return;
		this.rerunTicks += ticks;
		this.add({ atMs: nowMs, distance: -1, rerunTicks: ticks });
	}

	figures(nowMs: number): CorrectionFigures {
		this.forget(nowMs);
		let count = 0;
		let moved = 0;
		let sum = 0;
		let max = 0;
		let rerun = 0;
		for (const { distance, rerunTicks } of this.recent) {
			rerun += rerunTicks;
			if (distance < 0) continue;
			count++;
			if (distance === 0) continue;
			moved++;
			sum += distance;
			max = Math.max(max, distance);
		}
		const seconds = WINDOW_MS / 1000;
		return {
			corrections: this.corrections,
			correctionsPerSecond: count / seconds,
			meanCorrection: moved > 0 ? sum / moved : 0,
			maxCorrection: max,
			lastCorrection: this.lastCorrection,
			rerunTicksPerSecond: rerun / seconds,
			rerunTicks: this.rerunTicks,
		};
	}

	private add(entry: Entry): void {
		this.recent.push(entry);
		this.forget(entry.atMs);
	}

	private forget(nowMs: number): void {
		while (this.recent.length > 0 && nowMs - this.recent[0].atMs > WINDOW_MS) {
			this.recent.shift();
		}
	}
}
