import { LIMITS } from "../../protocol/limits.ts";
import { readScalar } from "../../protocol/schema/scalar.ts";
import type { WireSchema } from "../../protocol/wire-schema.ts";

export interface QueuedEvent {
	readonly name: string;
	readonly tick: number;
	readonly fields: Readonly<Record<string, number>>;
}

/**
 * Events wait here until the moment shown reaches their tick; if there are too many, the oldest are
 * dropped. They outlive the rules and the connection that brought them.
 */
export class EventQueue {
	private schema: WireSchema["events"];
	private readonly queue: QueuedEvent[] = [];
	private readonly staleTicks: number;
	/** This many at the front are due regardless of the moment shown. */
	private overdue = 0;

	/** Events overdue by more than `staleTicks` are dropped. */
	constructor(schema: WireSchema, staleTicks = Number.POSITIVE_INFINITY) {
		this.schema = schema.events;
		this.staleTicks = staleTicks;
	}

	/** Reads later events by other rules. */
	swap({ events }: WireSchema): void {
		this.schema = events;
	}

	/** Takes the events waiting in `previous`, whose moment will never be shown: they are due at once. */
	takeOver(previous: EventQueue): void {
		this.queue.unshift(...previous.queue);
		this.overdue = this.queue.length;
		previous.clear();
	}

	/** Reads an events chunk of the snapshot of `tick`; returns what is wrong with it, or null. */
	add(tick: number, data: Uint8Array): string | null {
		const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
		for (let at = 0; at < data.length; ) {
			const event = this.schema[data[at]];
			if (!event) return `unknown event ${data[at]}`;
			if (at + 2 + event.size > data.length) return `event ${event.name} is cut off`;
			const age = data[at + 1];
			const from = at + 2;
			const fields: Record<string, number> = {};
			for (const { name, type, offset } of event.fields) {
				fields[name] = readScalar(view, from + offset, type);
			}
			if (this.queue.length === LIMITS.eventsShown) this.take();
			this.queue.push({ name: event.name, tick: tick - age, fields });
			at = from + event.size;
		}
		return null;
	}

	/** Hands out, in order, the events up to `tick`, except stale ones. */
	drain(tick: number, take: (event: QueuedEvent) => void): void {
		for (let event = this.queue[0]; event; event = this.queue[0]) {
			const isOverdue = this.overdue > 0;
			if (!isOverdue && event.tick > tick) return;
			this.take();
			// a listener may drain the queue itself: take an event out before handing it over
			if (isOverdue || tick - event.tick <= this.staleTicks) take(event);
		}
	}

	private take(): void {
		this.queue.shift();
		this.overdue = Math.max(0, this.overdue - 1);
	}

	private clear(): void {
		this.queue.length = 0;
		this.overdue = 0;
	}
}
