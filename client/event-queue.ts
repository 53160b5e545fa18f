import { LIMITS } from "../protocol/limits.ts";
import { readScalar } from "../protocol/schema/scalar.ts";
import type { WireSchema } from "../protocol/wire-schema.ts";

export interface QueuedEvent {
	readonly name: string;
	readonly tick: number;
	readonly fields: Readonly<Record<string, number>>;
}

/** Events wait here until the moment that is shown has reached their tick; too many, and the oldest go. */
export class EventQueue {
	private readonly schema: WireSchema["events"];
	private readonly queue: QueuedEvent[] = [];

	constructor(schema: WireSchema) {
		this.schema = schema.events;
	}

	/** Reads an events chunk of the snapshot of `tick`; returns what is wrong with it, or null. */
	add(tick: number, data: Uint8Array): string | null {
		const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
		for (let at = 0; at < data.length; ) {
			const event = this.schema[data[at] as number];
			if (!event) return `unknown event ${data[at]}`;
			if (at + 2 + event.size > data.length) return `event ${event.name} is cut off`;
			const age = data[at + 1] as number;
			const from = at + 2;
			const fields: Record<string, number> = {};
			for (const { name, type, offset } of event.fields) {
				fields[name] = readScalar(view, from + offset, type);
			}
			if (this.queue.length === LIMITS.eventsShown) this.queue.shift();
			this.queue.push({ name: event.name, tick: tick - age, fields });
			at = from + event.size;
		}
		return null;
	}

	/** Hands out, in order, what happened up to `tick`. */
	drain(tick: number, take: (event: QueuedEvent) => void): void {
		while (this.queue.length > 0 && (this.queue[0] as QueuedEvent).tick <= tick) {
			take(this.queue.shift() as QueuedEvent);
		}
	}

	clear(): void {
		this.queue.length = 0;
	}
}
