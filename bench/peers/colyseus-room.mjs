// Rooms of Colyseus 0.18 with the same walkers, columns and quantisation as the fixture games.
//
//   crowd     everybody sees everybody: one state, encoded once for all clients of the room
//   roamers   a StateView for each client, with the walkers around its own; looked at again four times
//             a second, with a margin so that those at the edge do not come and go
import { Room, Server } from "@colyseus/core";
import { StateView, schema, t } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { options, ready } from "./report.mjs";
import { spawn, walk } from "./walkers.mjs";

const { clients, rateHz, game } = options;
const PERIOD_MS = 1000 / rateHz;
const VIEW_EVERY = Math.max(1, Math.round(rateHz / 4));
/** A walker within IN comes into view, one beyond OUT goes. */
const IN = 230;
const OUT = 250;
const SEAT_S = 60;

/** 16 bits over 1024 units are the fixtures' steps of 1/64. */
const across = { min: 0, max: 1024, bits: 16 };
const Walker = schema({
	player: t.uint16(),
	x: t.quantized(across),
	y: t.quantized(across),
	angle: t.quantized({ min: 0, max: 2 * Math.PI, mode: "wrap", bits: 16 }),
});
const Crowd = schema({ walkers: t.map(Walker) });
const Roamers = schema({ walkers: t.map(Walker).view() });

class CrowdRoom extends Room {
	maxClients = clients;
	patchRate = PERIOD_MS;
	seatReservationTimeout = SEAT_S;
	walkers = [];

	onCreate() {
		this.state = this.makeState();
		this.onMessage(0, () => {});
		this.setFixedTimestep(() => this.step(), rateHz);
	}

	makeState() {
		return new Crowd();
	}

	step() {
		for (const { body, walker } of this.walkers) {
			walk(body, PERIOD_MS / 1000);
			walker.x = body.x;
			walker.y = body.y;
			walker.angle = body.angle;
		}
	}

	onJoin(client) {
		const walker = new Walker();
		const body = {};
		spawn(body);
		Object.assign(walker, { player: this.walkers.length, x: body.x, y: body.y, angle: body.angle });
		const entry = { client, walker, body, sees: new Set() };
		client.userData = entry;
		this.walkers.push(entry);
		this.state.walkers.set(client.sessionId, walker);
		return entry;
	}

	onLeave(client) {
		this.walkers.splice(this.walkers.indexOf(client.userData), 1);
		this.state.walkers.delete(client.sessionId);
	}
}

class RoamersRoom extends CrowdRoom {
	ticks = 0;

	makeState() {
		return new Roamers();
	}

	step() {
		super.step();
		if (this.ticks++ % VIEW_EVERY === 0) for (const entry of this.walkers) this.look(entry);
	}

	look({ client, body, sees }) {
		for (const other of this.walkers) {
			const dx = other.body.x - body.x;
			const dy = other.body.y - body.y;
			const square = dx * dx + dy * dy;
			if (sees.has(other)) {
				if (square <= OUT * OUT) continue;
				sees.delete(other);
				client.view.remove(other.walker);
			} else if (square < IN * IN) {
				sees.add(other);
				client.view.add(other.walker);
			}
		}
	}

	onJoin(client) {
		client.view = new StateView();
		this.look(super.onJoin(client));
	}

	onLeave(client) {
		super.onLeave(client);
		for (const { sees } of this.walkers) sees.delete(client.userData);
	}
}

const server = new Server({
	transport: new WebSocketTransport({ pingInterval: 10_000 }),
	greet: false,
	gracefullyShutdown: false,
});
server.define(game, game === "roamers" ? RoamersRoom : CrowdRoom);
await server.listen(0, "127.0.0.1");
ready(server.transport.server.address().port);
