import { readdirSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What a process holds, after its garbage was collected. */
export interface Held {
	heapBytes: number;
	/** Outside of the heap: buffers, linear memories. */
	externalBytes: number;
	rssBytes: number;
	/** Open files and sockets; -1 where the system does not tell. */
	files: number;
}

setFlagsFromString("--expose_gc");
const collect: () => void = runInNewContext("gc");

/** Collects until nothing more comes free: finalizers may let go of further objects. */
async function collectGarbage(): Promise<void> {
	for (let i = 0; i < 4; i++) {
		collect();
		await nextTurn();
	}
}

function openFiles(): number {
	try {
		return readdirSync("/proc/self/fd").length;
	} catch {
		return -1;
	}
}

export async function whatIsHeld(): Promise<Held> {
	await collectGarbage();
	const { heapUsed, external, rss } = process.memoryUsage();
	return { heapBytes: heapUsed, externalBytes: external, rssBytes: rss, files: openFiles() };
}

/** Slope of the line through points at 0, 1, 2 … (least squares); 0 for fewer than two. */
export function slope(values: readonly number[]): number {
	const n = values.length;
	if (n < 2) return 0;
	const middle = (n - 1) / 2;
	const mean = values.reduce((a, b) => a + b, 0) / n;
	let along = 0;
	let square = 0;
	values.forEach((value, i) => {
		along += (i - middle) * (value - mean);
		square += (i - middle) ** 2;
	});
	return along / square;
}
