import type { OutboxHandler } from "../../protocol/abi/outbox-reader.ts";
import { GLOBAL_CELL } from "../../protocol/codec/cell-index.ts";
import type { CloseName } from "../../protocol/errors.ts";
import { type Effect, plainFields } from "./effect.ts";
import type { RoomState } from "./room-state.ts";

/** Delivers the module's messages: events, and players who are refused or kicked. */
export class OutboxDelivery implements OutboxHandler {
	private readonly room: RoomState;
	/** Effects of the tick that is read. */
	private effects = 0;

	constructor(room: RoomState) {
		this.room = room;
	}

	/** Another tick is read. */
	begin(): void {
		this.effects = 0;
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

	/** It is written down with its tick, and told when that is safe; a request waits for its answer. */
	effect(number: number, about: number, payload: Uint8Array): void {
		const { room } = this;
		const { id, epoch, tick, game, players, recorder, listener, requests } = room;
		const spec = game.descriptor.effects[number];
		if (spec === undefined) return;
		const player = players.get(about);
		const effect: Effect = {
			...{ kind: spec.answer ? "request" : "result", room: id, game: game.name },
			...{ version: game.version, epoch, tick, n: this.effects++, name: spec.name },
			player: player ? { number: player.number, name: player.name } : null,
			fields: plainFields(spec, payload),
		};
		recorder?.effect?.(room, effect);
		if (effect.kind === "request" && !requests.ask(effect)) return;
		if (listener.onEffect) listener.onEffect(room, effect);
		else requests.answer(effect, null);
	}

	private drop(number: number, name: CloseName, reason: number): void {
		const player = this.room.players.get(number);
		if (!player) return;
		player.viewer?.sink.drop(name, `reason ${reason}`, reason);
		this.room.seats.leave(player);
	}
}
