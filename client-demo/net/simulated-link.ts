import { type OpenTransport, openWebSocket } from "../../client/index.ts";
import { type LinkConditions, LinkDelay, NO_DELAY } from "../../protocol/link-delay.ts";
import { SeededRandom } from "../../protocol/seeded-random.ts";

interface Line extends LinkConditions {
	readonly label: string;
}

/** What a line can be made to be like; the first is as it is. */
const LINES: readonly Line[] = [
	{ ...NO_DELAY, label: "as it is" },
	{ ...NO_DELAY, label: "+50 ms", delayMs: 25 },
	{ ...NO_DELAY, label: "+100 ±30", delayMs: 50, jitterMs: 30 },
	{ ...NO_DELAY, label: "+250 ±50", delayMs: 125, jitterMs: 50 },
];

/** Messages of one direction, late, but in order, as TCP brings them. */
class Lane {
	private readonly queue: { readonly atMs: number; readonly deliver: () => void }[] = [];
	private line: Line;
	private readonly delay: LinkDelay;

	constructor(line: Line) {
		this.line = line;
		const random = new SeededRandom(Math.random() * 2 ** 32);
		this.delay = new LinkDelay(random, line, performance.now());
	}

	carry(line: Line, deliver: () => void): void {
		const now = performance.now();
		if (line !== this.line) this.delay.change(line, now);
		this.line = line;
		const atMs = this.delay.arrivalMs(now);
		this.queue.push({ atMs, deliver });
		// timers keep whole milliseconds only, so each brings whatever is due, first things first
		if (atMs <= now) this.bring(now);
		else setTimeout(() => this.bring(performance.now() + 1), atMs - now);
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
		const up = new Lane(this.line);
		const down = new Lane(this.line);
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
