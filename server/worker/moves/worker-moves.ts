import type { WorkerId } from "../hand-over/messages.ts";
import { decodeParcel } from "../hand-over/wire/parcel.ts";
import type { Order } from "../messages/order.ts";
import { RoomGiver } from "./room-giver.ts";
import { RoomTaker } from "./room-taker.ts";
import type { MovesHost } from "./worker-moves-host.ts";

/** A room that moves, or has moved of late: both sides of it are in every worker. */
interface Sides {
	readonly giver: RoomGiver;
	readonly taker: RoomTaker;
}

/** The rooms of a worker that come or go. */
export class WorkerMoves {
	private readonly host: MovesHost;
	private readonly rooms = new Map<string, Sides>();

	constructor(host: MovesHost) {
		this.host = host;
	}

	obey(order: Extract<Order, { type: "parcel" | "died" }>): void {
		if (order.type === "died") this.died(order.worker);
		else this.hear(order.room, order.from, order.bytes);
	}

	/** A message about a room, from the register or another worker. */
	private hear(id: string, from: WorkerId | "register", bytes: Uint8Array): void {
		const parcel = decodeParcel(bytes);
		if ("error" in parcel) {
			this.host.log("error", "a worker speaks nonsense", { room: id, from, ...parcel });
			return;
		}
		const { message, material } = parcel;
		const { giver, taker } = this.sidesOf(id);
		switch (message.type) {
			case "chunk":
				return taker.chunk(parcel.material as Parameters<RoomTaker["chunk"]>[0]);
			case "prepare":
			case "follow":
			case "rest":
			case "socket":
			case "cancel":
				return taker.tell({ ...message, from }, material);
			case "owner":
			case "recover":
				return taker.tell(message);
			case "asked":
				return this.asked(id, giver, taker, () => giver.tell({ ...message, ...giver.standing }));
			case "refused":
				giver.tell(message);
				return taker.tell(message);
			case "changed":
			case "at":
			case "ready":
			case "failed":
			case "adopted":
				return giver.tell(message);
		}
	}

	/** A worker's process is gone. */
	private died(worker: WorkerId): void {
		for (const [id, { giver, taker }] of this.rooms) {
			giver.tell({ type: "died", worker });
			taker.tell({ type: "died", worker });
			if (!this.host.directory.rooms.has(id) && giver.isIdle && taker.isIdle) {
				this.rooms.delete(id);
			}
		}
	}

	/** A room that was opened or recovered here is first heard of now. */
	private asked(id: string, giver: RoomGiver, taker: RoomTaker, go: () => void): void {
		const room = this.host.directory.rooms.get(id);
		if (room && giver.isIdle) giver.own(room, taker.isSettled);
		go();
	}

	private sidesOf(id: string): Sides {
		const known = this.rooms.get(id);
		if (known) return known;
		const giver: RoomGiver = new RoomGiver(id, this.host);
		const taker = new RoomTaker(id, this.host, {
			own: (room, isSettled) => giver.own(room, isSettled),
			settled: () => giver.tell({ type: "settled" }),
		});
		const sides = { giver, taker };
		this.rooms.set(id, sides);
		return sides;
	}
}
