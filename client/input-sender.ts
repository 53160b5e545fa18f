import { LIMITS } from "../protocol/limits.ts";
import { encodeClientMessage } from "../protocol/messages/client-message.ts";
import { writeScalar } from "../protocol/schema/scalar.ts";
import type { WireSchema } from "../protocol/wire-schema.ts";

const REMEMBERED = 256;

/** Turns `room.input` into the bytes of each tick and remembers when each was sent. */
export class InputSender {
	private readonly schema: WireSchema["input"];
	private readonly sentAtMs = new Float64Array(REMEMBERED);
	private readonly sentTick = new Float64Array(REMEMBERED).fill(-1);
	/** Newest tick that an input was sent for. */
	lastTick = -1;

	constructor(schema: WireSchema) {
		this.schema = schema.input;
	}

	/** The fields at rest: what `room.input` starts with. */
	emptyInput(): Record<string, number | boolean> {
		return Object.fromEntries(
			this.schema.fields.map(({ name, type }) => [name, type === "bool" ? false : 0]),
		);
	}

	/** The message for every tick up to `tick` not yet sent, or null if there is none. */
	message(
		tick: number,
		ackTick: number,
		input: Readonly<Record<string, number | boolean>>,
		nowMs: number,
	): Uint8Array<ArrayBuffer> | null {
		if (tick <= this.lastTick) return null;
		const first = Math.max(this.lastTick + 1, tick - LIMITS.inputsPerMessage + 1);
		const { size, fields } = this.schema;
		const inputs = new Uint8Array(size * (tick - first + 1));
		const view = new DataView(inputs.buffer);
		for (let t = first; t <= tick; t++) {
			for (const { name, type, offset } of fields) {
				writeScalar(view, (t - first) * size + offset, type, Number(input[name] ?? 0));
			}
			this.sentAtMs[t % REMEMBERED] = nowMs;
			this.sentTick[t % REMEMBERED] = t;
		}
		this.lastTick = tick;
		return encodeClientMessage({ type: "input", ackTick, tick: first, inputs });
	}

	/** When the input for `tick` was sent, or -1 if that is forgotten. */
	sentAt(tick: number): number {
		const slot = tick % REMEMBERED;
		return this.sentTick[slot] === tick ? (this.sentAtMs[slot] as number) : -1;
	}
}
