// The ceiling: a server on `ws` that sends one prepared buffer of the same size to every client of a
// room, and does nothing else.
import { WebSocketServer } from "ws";
import { pace } from "./pace.mjs";
import { options, ready } from "./report.mjs";

const { rooms, clients, rateHz, bytes } = options;
const seats = Array.from({ length: rooms }, () => new Set());
const message = Buffer.alloc(bytes, 0x2a);

const server = new WebSocketServer(
	{ port: 0, host: "127.0.0.1", perMessageDeflate: false, maxPayload: 4096, clientTracking: false },
	() => ready(server.address().port),
);
server.on("connection", (ws) => {
	ws._socket.setNoDelay(true);
	const room = seats.find((taken) => taken.size < clients);
	room.add(ws);
	ws.on("message", () => {});
	ws.on("error", () => {});
	ws.on("close", () => room.delete(ws));
});
pace(rooms, rateHz, (room) => {
	for (const ws of seats[room]) ws.send(message);
});
