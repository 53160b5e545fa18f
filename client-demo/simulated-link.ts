import { type OpenTransport, openWebSocket } from "../client/index.ts";

interface Line {
	readonly label: string;
	/** Added to every message's way, each way. */
	readonly delayMs: number;
	/** And up to so much more, by chance. */
	readonly jitterMs: number;
}

/** What a line can be made to be like; the first is as it is. */
const LINES: readonly Line[] = [
	{ label: "as it is", delayMs: 0, jitterMs: 0 },
	{ label: "+50 ms", delayMs: 25, jitterMs: 0 },
	{ label: "+100 ±30", delayMs: 50, jitterMs: 30 },
	{ label: "+250 ±50", delayMs: 125, jitterMs: 50 },
];

/** Messages of one direction, late, but in order, as TCP brings them. */
class Lane {
	private readonly queue: { readonly atMs: number; readonly deliver: () => void }[] = [];
	private lastMs = 0;

	carry(line: Line, deliver: () => void): void {
		const now = performance.now();
		this.lastMs = Math.max(now + line.delayMs + Math.random() * line.jitterMs, this.lastMs);
		this.queue.push({ atMs: this.lastMs, deliver });
		// timers keep whole milliseconds only, so each brings whatever is due, first things first
		if (this.lastMs <= now) this.bring(now);
		else setTimeout(() => this.bring(performance.now() + 1), this.lastMs - now);
	}

	private bring(untilMs: number): void {
		while (this.queue[0] && this.queue[0].atMs <= untilMs) this.queue.shift()?.deliver();
	}
}

/** A line to the server that can be made worse while one plays. */
export class SimulatedLink {
	private index = 0;

	private get line(): Line {
		return LINES[this.index] as Line;
	}

	get label(): string {
		return this.line.label;
	}

	get isWorse(): boolean {
		return this.index > 0;
	}

	next(): void {
		this.index = (this.index + 1) % LINES.length;
	}

	readonly open: OpenTransport = async (url, events) => {
		const up = new Lane();
		const down = new Lane();
		const transport = await openWebSocket(url, {
			open: () => events.open(),
			message: (bytes) => down.carry(this.line, () => events.message(bytes)),
			closed: (code, reason) => down.carry(this.line, () => events.closed(code, reason)),
		});
		return {
			send: (message) => up.carry(this.line, () => transport.send(message)),
			close: () => transport.close(),
		};
	};
}
