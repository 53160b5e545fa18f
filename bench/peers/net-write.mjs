// The floor in Node: one `socket.write` of the same ready-made bytes for each client. It answers the
// upgrade, since the sink asks for one, and understands nothing of what a client says afterwards.
import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { pace } from "./pace.mjs";
import { options, ready } from "./report.mjs";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const { rooms, clients, rateHz, bytes } = options;
const seats = Array.from({ length: rooms }, () => new Set());
const header = bytes < 126 ? [0x82, bytes] : [0x82, 126, bytes >>> 8, bytes & 255];
const frame = Buffer.concat([Buffer.from(header), Buffer.alloc(bytes, 0x2a)]);

const server = createServer((socket) => {
	socket.setNoDelay(true);
	socket.on("error", () => socket.destroy());
	socket.once("data", (request) => {
		const key = /^sec-websocket-key: *(\S+)/im.exec(request.toString("latin1"))?.[1] ?? "";
		const accept = createHash("sha1")
			.update(key + GUID)
			.digest("base64");
		socket.write(
			`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
		);
		const room = seats.find((taken) => taken.size < clients);
		room.add(socket);
		socket.on("data", () => {});
		socket.on("close", () => room.delete(socket));
	});
});
server.listen(0, "127.0.0.1", 1024, () => ready(server.address().port));
pace(rooms, rateHz, (room) => {
	for (const socket of seats[room]) socket.write(frame);
});
