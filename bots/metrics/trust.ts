/** Beyond these the metrics tell more of this tool than of the server. */
const MOST_LATE_MS = 20;
const MOST_BUSY = 0.85;

interface WorkerLoad {
	readonly busy: number;
	readonly cpu: number | null;
	readonly lateP99Ms: number;
}

/** Why the metrics of these workers cannot be trusted; null when they can. */
export function doubt(workers: readonly WorkerLoad[]): string | null {
	for (const [i, { busy, cpu, lateP99Ms }] of workers.entries()) {
		const who = workers.length > 1 ? `worker ${i + 1} of this tool` : "this tool";
		const share = Math.max(busy, cpu ?? 0);
		if (share > MOST_BUSY) return `${who} was busy ${Math.round(share * 100)} % of the time`;
		if (lateP99Ms > MOST_LATE_MS)
			return `${who} had its timers ${lateP99Ms.toFixed(0)} ms late (p99)`;
	}
	return null;
}
