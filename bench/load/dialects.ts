import { encodeClientMessage, PROTOCOL_VERSION } from "../../protocol/messages/client-message.ts";
import { SERVER_MESSAGE } from "../../protocol/messages/server-message.ts";

/** What a sink must know of a server's language: how to get in, what an update is, what to say. */
export interface Dialect {
	/** The HTTP target to upgrade at. */
	target(port: number, game: string): Promise<string>;
	/** First words after the upgrade. */
	hello(game: string, index: number): Uint8Array | null;
	/** Whether a message with this beginning is a state update. */
	isUpdate(head: Uint8Array): boolean;
	/** Answers to a message that is none. */
	answer(head: Uint8Array): Uint8Array | null;
	/**
	 * What a client says every now and then; `head` is the beginning of the last update, if any, and
	 * `inputs` what it does, as the bytes of the game's input.
	 */
	say(head: Uint8Array, inputs: Uint8Array): Uint8Array;
}

/** Bytes of a message that a dialect gets to see. */
export const HEAD_BYTES = 8;

/** Reads a msgpack integer from 0 up. */
function uintAt(bytes: Uint8Array, at: number): number {
	const first = bytes[at];
	if (first < 0x80) return first;
	const length = { 204: 1, 205: 2, 206: 4 }[first] ?? 0;
	let value = 0;
	for (let i = 1; i <= length; i++) value = value * 256 + bytes[at + i];
	return value;
}

const hotstep: Dialect = {
	target: async () => "/",
	hello: (game, index) =>
		encodeClientMessage({
			type: "hello",
			version: PROTOCOL_VERSION,
			game,
			room: null,
			name: `sink ${index}`,
		} as Parameters<typeof encodeClientMessage>[0]),
	isUpdate: (head) => (head[0] & 0xf0) === 0x90 && head[1] === SERVER_MESSAGE.snapshot,
	answer: () => null,
	say: (head, inputs) => {
		const tick = uintAt(head, 2);
		return encodeClientMessage({ type: "input", ackTick: tick, tick: tick + 1, inputs });
	},
};

const plain: Dialect = {
	target: async () => "/",
	hello: () => null,
	isUpdate: () => true,
	answer: () => null,
	say: () => new Uint8Array(8),
};

/** Message codes of Colyseus 0.18, and the bits of the first byte that hold them. */
const COLYSEUS = { joinRoom: 10, roomData: 13, roomState: 14, roomStatePatch: 15, mask: 0x1f };

const colyseus: Dialect = {
	async target(port, game) {
		const response = await fetch(`http://127.0.0.1:${port}/matchmake/joinOrCreate/${game}`, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: "{}",
		});
		const seat = (await response.json()) as Record<string, string>;
		if (!seat.roomId) throw new Error(`no seat: ${JSON.stringify(seat)}`);
		return `/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}`;
	},
	hello: () => null,
	isUpdate: (head) => {
		const code = head[0] & COLYSEUS.mask;
		return code === COLYSEUS.roomStatePatch || code === COLYSEUS.roomState;
	},
	answer: (head) =>
		(head[0] & COLYSEUS.mask) === COLYSEUS.joinRoom ? Uint8Array.of(COLYSEUS.joinRoom) : null,
	// type 0, then five bytes of msgpack
	say: () => Uint8Array.of(COLYSEUS.roomData, 0, 0xc4, 3, 0, 0, 0),
};

export const DIALECTS = { hotstep, plain, colyseus } as const;
export type DialectName = keyof typeof DIALECTS;
