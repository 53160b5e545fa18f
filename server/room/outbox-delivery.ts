import type { OutboxHandler } from "../../protocol/abi/outbox-reader.ts";
import { GLOBAL_CELL } from "../../protocol/codec/cell-index.ts";
import type { CloseName } from "../../protocol/errors.ts";
import type { RoomState } from "./room-state.ts";

/** Delivers the module's messages: events, and players who are refused or kicked. */
export class OutboxDelivery implements OutboxHandler {
	private readonly room: RoomState;

	constructor(room: RoomState) {
		this.room = room;
	}

	event(event: number, player: number, payload: Uint8Array): void {
		const { events, tick, players } = this.room;
		if (player < 0) events.add(GLOBAL_CELL, event, tick, payload);
		else players.get(player)?.viewer?.notice(event, tick, payload);
	}

	/** Viewers that can see the place get the event, whatever its radius. */
	eventNear(event: number, x: number, y: number, _radius: number, payload: Uint8Array): void {
		const { encoder, events, tick } = this.room;
		events.add(encoder.grid?.cellOf(x, y) ?? GLOBAL_CELL, event, tick, payload);
	}

	refuse(player: number, reason: number): void {
		this.drop(player, "ERR_REFUSED", reason);
	}

	kick(player: number, reason: number): void {
		this.drop(player, "ERR_KICKED", reason);
	}

	private drop(number: number, name: CloseName, reason: number): void {
		const player = this.room.players.get(number);
		if (!player) return;
		player.viewer?.sink.drop(name, `reason ${reason}`, reason);
		this.room.seats.leave(player);
	}
}
