import type { Progress } from "./squad.ts";

/** One line on a terminal that is written over each second; elsewhere a line for each second. */
export class LiveLine {
	private readonly count: number;
	private readonly out: NodeJS.WriteStream;
	private snapshots = 0;
	private atMs = performance.now();
	private isShown = false;

	constructor(count: number, out: NodeJS.WriteStream) {
		this.count = count;
		this.out = out;
	}

	show({ connected, snapshots, disconnects, failed }: Progress): void {
		const nowMs = performance.now();
		const rate = ((snapshots - this.snapshots) * 1000) / (nowMs - this.atMs);
		this.snapshots = snapshots;
		this.atMs = nowMs;
		const each = connected > 0 ? rate / connected : 0;
		const troubles = failed + disconnects > 0 ? `  ${failed} refused, ${disconnects} lost` : "";
		const text = `  ${connected}/${this.count} connected  ${each.toFixed(1)} snapshots/s each${troubles}`;
		if (this.out.isTTY) this.out.write(`\r\x1b[K${text}`);
		else this.out.write(`${text}\n`);
		this.isShown = true;
	}

	/** Takes the line off a terminal. */
	clear(): void {
		if (this.out.isTTY && this.isShown) this.out.write("\r\x1b[K");
	}
}
