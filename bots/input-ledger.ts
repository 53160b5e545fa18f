import { CLIENT_MESSAGE } from "../protocol/messages/client-message.ts";
import { SERVER_MESSAGE } from "../protocol/messages/server-message.ts";

/*
 * The two messages of which the first numbers are read here, as msgpack (PROTOCOL.md):
 *
 *     input      95 02 | ackTick | tick | bin | age  the inputs for tick, tick + 1, …
 *     snapshot   96 02 | tick | inputTick | …        includes all inputs up to inputTick
 */
const INPUT = [0x95, CLIENT_MESSAGE.input] as const;
const SNAPSHOT = [0x96, SERVER_MESSAGE.snapshot] as const;
/** Ticks of which the sending is remembered: four seconds at 60 Hz. */
const REMEMBERED = 256;

/** Bytes of the unsigned number that begins with `head`. */
function uintBytes(head: number): number {
	return head < 0x80 ? 1 : head === 0xcc ? 2 : head === 0xcd ? 3 : head === 0xce ? 5 : 9;
}

function readUint(bytes: Uint8Array, at: number): number {
	const length = uintBytes(bytes[at]);
	if (length === 1) return bytes[at];
	let value = 0;
	for (let i = 1; i < length; i++) value = value * 256 + bytes[at + i];
	return value;
}

/** Bytes that a short `bin` at `at` holds. */
function binBytes(bytes: Uint8Array, at: number): number {
	return bytes[at] === 0xc4 ? bytes[at + 1] : bytes[at + 1] * 256 + bytes[at + 2];
}

/** Tells how long each input took from its sending to the first snapshot that includes it. */
export class InputLedger {
	private readonly sentMs = new Float64Array(REMEMBERED);
	private readonly sentTick = new Float64Array(REMEMBERED).fill(-1);
	private included = -1;

	/** A new connection: nothing is under way. */
	clear(): void {
		this.sentTick.fill(-1);
		this.included = -1;
	}

	/** Notes the inputs, of `inputBytes` each, in a message that the client sends. */
	sent(message: Uint8Array, inputBytes: number, nowMs: number): void {
		if (message[0] !== INPUT[0] || message[1] !== INPUT[1]) return;
		const tickAt = 2 + uintBytes(message[2]);
		const first = readUint(message, tickAt);
		const count = binBytes(message, tickAt + uintBytes(message[tickAt])) / inputBytes;
		for (let tick = first; tick < first + count; tick++) {
			this.sentMs[tick % REMEMBERED] = nowMs;
			this.sentTick[tick % REMEMBERED] = tick;
		}
	}

	/** Calls `take` for every input that this message of the server is the first to include. */
	received(message: Uint8Array, nowMs: number, take: (latencyMs: number) => void): void {
		if (message[0] !== SNAPSHOT[0] || message[1] !== SNAPSHOT[1]) return;
		const inputTick = readUint(message, 2 + uintBytes(message[2]));
		const from = Math.max(this.included + 1, inputTick - REMEMBERED + 1);
		for (let tick = from; tick <= inputTick; tick++) {
			const slot = tick % REMEMBERED;
			if (this.sentTick[slot] === tick) take(nowMs - this.sentMs[slot]);
		}
		this.included = inputTick;
	}
}
