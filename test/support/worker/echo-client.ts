import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { SeededRandom } from "../../../protocol/seeded-random.ts";

const HANDSHAKE =
	"GET /arena HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: aG90c3RlcC1hZG9wdHMtaQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

function frame(payload: Buffer, mask: boolean, head: number): Buffer {
	const long = payload.length > 125;
	const header = Buffer.alloc((long ? 4 : 2) + (mask ? 4 : 0));
	header[0] = head;
	header[1] = (mask ? 0x80 : 0) | (long ? 126 : payload.length);
	if (long) header.writeUInt16BE(payload.length, 2);
	return Buffer.concat([header, payload]);
}

/** A WebSocket client made of bytes: it compares every byte that comes with the one that must come. */
export class EchoClient {
	/** Bytes that are to come. */
	expected = 0;
	received = 0;
	wrong = 0;
	isClosed = false;
	readonly socket: Socket;
	private readonly wanted: Buffer[] = [];
	private readonly random: SeededRandom;

	private constructor(socket: Socket, random: SeededRandom) {
		this.socket = socket;
		this.random = random;
		socket.on("data", (data: Buffer) => this.compare(data));
		socket.on("close", () => {
			this.isClosed = true;
		});
		socket.on("error", () => {});
	}

	static async open(port: number, random: SeededRandom): Promise<EchoClient> {
		const socket = connect(port, "127.0.0.1");
		await once(socket, "connect");
		socket.setNoDelay(true);
		socket.write(HANDSHAKE);
		const [answer] = (await once(socket, "data")) as [Buffer];
		if (!answer.toString("latin1").endsWith("\r\n\r\n")) throw new Error(answer.toString("latin1"));
		return new EchoClient(socket, random);
	}

	/** Queues a message, in one frame or two, and returns its bytes in pieces. */
	say(bytes: number, echoes = 0): Buffer[] {
		const payload = Buffer.from(this.random.bytes(bytes));
		payload[0] = echoes;
		const half = this.random.chance(0.2) ? Math.ceil(bytes / 2) : bytes;
		const sent = Buffer.concat(
			half === bytes
				? [frame(payload, true, 0x82)]
				: [frame(payload.subarray(0, half), true, 0x02), frame(payload.subarray(half), true, 0x80)],
		);
		const answer = frame(payload, false, 0x82);
		for (let i = 0; i <= echoes * 256; i++) this.wanted.push(answer);
		this.expected += answer.length * (1 + echoes * 256);
		const cuts = [0, ...[this.random.next(), this.random.next()].sort(), 1].map((at) =>
			Math.floor(at * sent.length),
		);
		return cuts.slice(1).map((to, i) => sent.subarray(cuts[i], to));
	}

	private compare(data: Buffer): void {
		this.received += data.length;
		let at = 0;
		while (at < data.length) {
			const next = this.wanted[0];
			if (!next) {
				this.wrong += data.length - at;
				return;
			}
			const n = Math.min(next.length, data.length - at);
			if (!next.subarray(0, n).equals(data.subarray(at, at + n))) this.wrong++;
			at += n;
			if (n === next.length) this.wanted.shift();
			else this.wanted[0] = next.subarray(n);
		}
	}
}
