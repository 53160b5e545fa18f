import type { Transport } from "../../../client/connection/transport.ts";
import { dequantiserFor } from "../../../protocol/dequantise.ts";
import { encodeClientMessage } from "../../../protocol/messages/client-message.ts";
import { PLAIN_SNAPSHOT } from "../../../protocol/messages/server-message.ts";
import { type ClientLink, expectedView, type World } from "../../../testing/index.ts";
import { readMsgpack, type Value } from "../../conformance/msgpack.ts";
import { array, number } from "../../conformance/schema-reader.ts";
import { insist } from "./insist.ts";

/** A spectator who asks for snapshots in plain arrays, and comes back while there is a room. */
export class PlainViewer {
	private readonly world: World;
	private readonly game: string;
	readonly link: ClientLink;
	private transport: Transport | null = null;
	private last: Value[] | null = null;
	private hasLeft = false;
	snapshots = 0;

	constructor(world: World, game: string, link: ClientLink) {
		this.world = world;
		this.game = game;
		this.link = link;
		this.connect();
	}

	private connect(): void {
		void this.link
			.open("", {
				open: () => {
					this.last = null;
					this.send({
						type: "hello",
						game: this.game,
						room: null,
						name: "plain",
						token: null,
						spectate: true,
						capabilities: ["plain"],
					});
				},
				message: (bytes) => this.receive(bytes),
				closed: () => {
					this.last = null;
					if (!this.hasLeft) this.world.after(500, () => this.connect());
				},
			})
			.then((transport) => {
				this.transport = transport;
			});
	}

	private send(message: Parameters<typeof encodeClientMessage>[0]): void {
		this.transport?.send(encodeClientMessage(message));
	}

	private receive(bytes: Uint8Array): void {
		const message = array(readMsgpack(bytes));
		if (message[0] !== PLAIN_SNAPSHOT) return;
		this.snapshots++;
		this.last = message;
		const [, tick] = message;
		this.send({ type: "input", ackTick: number(tick), tick: 0, inputs: new Uint8Array(0) });
	}

	leave(): void {
		this.hasLeft = true;
		this.send({ type: "leave" });
		this.transport?.close();
	}

	/** Whether it has the last snapshot of a room that stands; null when the server does not know it. */
	get isUpToDate(): boolean {
		const found = this.find();
		return found !== null && this.last !== null && number(this.last[1]) === found.room.tick - 1;
	}

	private find() {
		for (const room of this.world.directory.rooms.values()) {
			for (const viewer of room.seats.viewers) {
				if (viewer.sink === this.link.peer) return { room, viewer };
			}
		}
		return null;
	}

	/** What it has must be what the room would show it. */
	check(): void {
		const found = this.find();
		insist(found !== null && this.last !== null, "the server knows no such plain viewer");
		const { room, viewer } = found;
		const [, , , , tables] = this.last;
		expectedView(room, viewer).forEach(({ name, rows }, t) => {
			const columns = room.game.schema.tables[t].columns.map(dequantiserFor);
			const expected = [...rows].map(([row, { gen, values }]) => [
				row,
				gen,
				...values.map((value, c) => columns[c](value)),
			]);
			const received = array(array(tables)[t]);
			const isSame = JSON.stringify(received) === JSON.stringify(expected);
			insist(isSame, `table ${name} differs for a plain viewer`);
		});
	}
}
