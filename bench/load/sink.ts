import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { Arrivals } from "../../bots/worker/arrivals.ts";
import { DIALECTS, type Dialect, type DialectName, HEAD_BYTES } from "./dialects.ts";
import { clientFrame, type FrameHandler, FrameReader, PONG } from "./frame-reader.ts";
import type { SinkTally } from "./sink-tally.ts";

export interface SinkTarget {
	port: number;
	dialect: DialectName;
	game: string;
	/** Bytes of the game's input, to be filled at random; 0 for a client that only acknowledges. */
	inputBytes: number;
}

/** All sinks of a process read into the same bytes: what is in them is looked at once, right away. */
const incoming = Buffer.alloc(256 * 1024);
const END_OF_RESPONSE = "\r\n\r\n";

/** One raw client: gets in, counts what comes, and says something short now and then. */
export class Sink implements FrameHandler {
	readonly arrivals = new Arrivals();
	private readonly dialect: Dialect;
	private readonly game: string;
	private readonly index: number;
	private readonly tally: SinkTally;
	private readonly reader = new FrameReader(this);
	private readonly inputs: Uint8Array<ArrayBuffer>;
	private readonly lastUpdate = new Uint8Array(HEAD_BYTES);
	private socket: Socket | null = null;
	private response = "";
	private isUpgraded = false;
	private isLeaving = false;
	private settle: (problem: Error | null) => void = () => {};

	constructor(target: SinkTarget, index: number, tally: SinkTally) {
		this.dialect = DIALECTS[target.dialect];
		this.game = target.game;
		this.index = index;
		this.inputs = new Uint8Array(target.inputBytes);
		this.tally = tally;
	}

	/** Resolves at the upgrade; what a server has to say comes later, however busy it is. */
	async open(port: number): Promise<void> {
		const target = await this.dialect.target(port, this.game);
		await new Promise<void>((resolve, reject) => {
			this.settle = (problem) => (problem ? reject(problem) : resolve());
			const onread = {
				buffer: incoming,
				callback: (length: number) => this.receive(length),
			};
			const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread });
			this.socket = socket;
			socket.on("connect", () => {
				const key = randomBytes(16).toString("base64");
				socket.write(
					`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13${END_OF_RESPONSE}`,
				);
			});
			socket.on("error", () => {});
			socket.on("close", () => {
				this.settle(new Error(`closed before the upgrade: ${this.response.slice(0, 80)}`));
				if (this.isUpgraded && !this.isLeaving) this.tally.lost++;
				this.isUpgraded = false;
			});
		});
	}

	private receive(length: number): boolean {
		this.tally.wireBytes += length;
		if (this.isUpgraded) {
			this.reader.read(incoming, 0, length);
			return true;
		}
		const before = this.response.length;
		this.response += incoming.toString("latin1", 0, length);
		const end = this.response.indexOf(END_OF_RESPONSE);
		if (end < 0) return true;
		if (!this.response.startsWith("HTTP/1.1 101")) {
			this.socket?.destroy();
			return true;
		}
		this.isUpgraded = true;
		const hello = this.dialect.hello(this.game, this.index);
		if (hello) this.socket?.write(clientFrame(hello));
		this.settle(null);
		this.reader.read(incoming, end + END_OF_RESPONSE.length - before, length);
		return true;
	}

	message(bytes: number, head: Uint8Array): void {
		if (!this.dialect.isUpdate(head)) {
			const answer = this.dialect.answer(head);
			if (answer) this.socket?.write(clientFrame(answer));
			return;
		}
		this.lastUpdate.set(head);
		this.tally.update(bytes, this.arrivals.add(performance.now()));
	}

	ping(): void {
		this.socket?.write(PONG);
	}

	close(): void {
		this.socket?.end();
	}

	/** Sends the short message that all contenders' clients send equally often. */
	say(): void {
		if (!this.isUpgraded) return;
		for (let i = 0; i < this.inputs.length; i++) {
			// half of the bytes 0: buttons are as often up as down
			this.inputs[i] = Math.random() < 0.5 ? 0 : Math.random() * 256;
		}
		this.socket?.write(clientFrame(this.dialect.say(this.lastUpdate, this.inputs)));
	}

	/** Reads nothing more, so that all that comes waits in the network. */
	pause(): void {
		this.socket?.pause();
	}

	resume(): void {
		this.socket?.resume();
	}

	leave(): void {
		this.isLeaving = true;
		this.socket?.destroy();
	}
}
