import { createHash, randomBytes } from "node:crypto";
import type { CloseName } from "../../protocol/errors.ts";
import {
	encodeRoster,
	encodeWelcome,
	type RosterChange,
} from "../../protocol/messages/server-message.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { SERVER_LIMITS } from "../limits.ts";
import type { SavedEvents } from "../snapshot/event-buffer.ts";
import { Player } from "./player.ts";
import type { RoomState } from "./room-state.ts";
import type { SavedRoom } from "./saved-room.ts";
import type { ClientSink } from "./sink.ts";
import { Viewer } from "./viewer.ts";

/** What is stored of a token: useless to anyone who reads a log or a copy of the memory. */
function hashToken(token: string): string {
	return createHash("sha256").update(token).digest("hex");
}

/**
 * Who is in a room. A seat belongs to a player and survives a lost connection for the grace time; a
 * viewer is a connection that sees the room, as a player or a spectator.
 */
export class Seats {
	/** Taken seats by number. */
	readonly players = new Map<number, Player>();
	/** The current viewers. */
	readonly viewers = new Set<Viewer>();
	/** Since when the room is empty, for the directory's grace time. */
	emptySinceMs: number;
	/** Joins and leaves since `tellRoster`. */
	private changes: RosterChange[] = [];
	/** Events that waited in another process, for the players whose connections follow. */
	private readonly waiting = new Map<Player, SavedEvents>();
	private readonly room: RoomState;
	private readonly randomBytes: (count: number) => Buffer;

	/** `random` is the source of tokens. */
	constructor(room: RoomState, random: (count: number) => Buffer = randomBytes) {
		this.room = room;
		this.randomBytes = random;
		this.emptySinceMs = room.clock.now();
	}

	get hasFree(): boolean {
		const { fault, isFrozen } = this.room;
		return fault === null && !isFrozen && this.players.size < this.room.game.descriptor.maxPlayers;
	}

	/** Players who are connected or whose seat is held, and who are not about to leave. */
	get population(): number {
		let n = 0;
		for (const player of this.players.values()) if (!player.isLeaving) n++;
		return n;
	}

	/** Takes a seat and sends the welcome, or returns why not. */
	join(sink: ClientSink, name: string): Player | Refusal<CloseName> {
		const { id, game } = this.room;
		const { maxPlayers, input } = game.descriptor;
		let number = 0;
		while (number < maxPlayers && this.players.has(number)) number++;
		if (number === maxPlayers || this.room.fault) {
			return { error: "ERR_ROOM_FULL", detail: `room ${id} has ${maxPlayers} seats` };
		}
		const token = `${id}.${this.randomBytes(16).toString("base64url")}`;
		const player = new Player(number, name, hashToken(token), input);
		this.players.set(number, player);
		this.show(player, sink, token);
		this.room.recorder?.seat?.(this.room, player);
		this.changes.push({ player: number, name });
		this.room.moments.note("join", this.room.tick, name);
		return player;
	}

	/** The seat of a token, if it is still held. */
	find(token: string): Player | null {
		const hash = hashToken(token);
		for (const player of this.players.values()) {
			if (player.tokenHash === hash && !player.isLeaving) return player;
		}
		return null;
	}

	/**
	 * Gives a held seat to a new connection, which presented `token`; a connection that has it now is
	 * told and dropped.
	 */
	resume(player: Player, sink: ClientSink, token: string): Viewer {
		const { viewer } = player;
		if (viewer) {
			this.lose(viewer);
			viewer.sink.drop("ERR_SEAT_TAKEN", "the seat went to a newer connection");
		}
		const shown = this.show(player, sink, token);
		this.room.recorder?.seat?.(this.room, player);
		return shown;
	}

	/**
	 * Continues with a connection that saw this room in another process: it is not told of the change.
	 */
	adopt(player: Player | null, sink: ClientSink): Viewer {
		const viewer = this.attach(player, sink);
		viewer.isInherited = true;
		if (player === null) return viewer;
		this.room.recorder?.seat?.(this.room, player);
		const events = this.waiting.get(player);
		if (events) viewer.takeOver(events);
		this.waiting.delete(player);
		return viewer;
	}

	/** Adds a spectator. */
	spectate(sink: ClientSink): Viewer | Refusal<CloseName> {
		let spectators = 0;
		for (const viewer of this.viewers) if (viewer.player === null) spectators++;
		if (spectators >= SERVER_LIMITS.spectators || this.room.fault) {
			const { id } = this.room;
			return { error: "ERR_ROOM_FULL", detail: `room ${id} has ${spectators} spectators` };
		}
		return this.show(null, sink, null);
	}

	/** The viewer's connection is lost; a player's seat is held until the grace time is over. */
	lose(viewer: Viewer): void {
		this.viewers.delete(viewer);
		const { player } = viewer;
		if (!player && this.population === 0) this.emptySinceMs = this.room.clock.now();
		if (player?.viewer !== viewer) return;
		player.viewer = null;
		player.heldSinceMs = this.room.clock.now();
		player.inputs.release();
		this.room.recorder?.seat?.(this.room, player);
	}

	/** The player gives up the seat; the module is told in the next tick. */
	leave(player: Player, reason = 0): void {
		if (player.viewer) this.viewers.delete(player.viewer);
		player.viewer = null;
		if (player.isLeaving) return;
		player.isLeaving = true;
		player.leaveReason = reason;
		this.room.recorder?.seat?.(this.room, player);
		this.changes.push({ player: player.number, name: null });
		this.room.moments.note("leave", this.room.tick, player.name);
		if (this.population === 0) this.emptySinceMs = this.room.clock.now();
	}

	/** The module knows that the player has left: the seat is free. */
	free(player: Player): void {
		this.players.delete(player.number);
		this.room.requests.forgetPlayer(player.number);
		if (player.isJoined) this.room.listener.onSeat?.(this.room, player, "left");
		this.room.recorder?.seatGone?.(this.room, player);
	}

	/** Ends the seats that nobody has come back to in time. */
	release(nowMs: number): void {
		for (const player of this.players.values()) {
			if (player.viewer || player.isLeaving) continue;
			if (nowMs - player.heldSinceMs >= this.room.settings.seatGraceMs) this.leave(player);
		}
	}

	/** Joins and leaves since the last announcement. */
	get untold(): readonly RosterChange[] {
		return this.changes;
	}

	/** Takes over the seats of a saved room: all of them are held from now on. */
	load(saved: Pick<SavedRoom, "seats" | "untold" | "emptyMs">): void {
		const { clock, game } = this.room;
		const nowMs = clock.now();
		for (const seat of saved.seats) {
			const player = new Player(seat.number, seat.name, seat.tokenHash, game.descriptor.input);
			player.inputs.load(seat.inputs);
			player.isJoined = seat.isJoined;
			player.isLeaving = seat.isLeaving;
			player.leaveReason = seat.leaveReason;
			player.heldSinceMs = nowMs - (seat.heldMs ?? 0);
			this.players.set(seat.number, player);
			if (seat.events) this.waiting.set(player, seat.events);
		}
		this.changes = saved.untold.map((change) => ({ ...change }));
		this.emptySinceMs = nowMs - saved.emptyMs;
	}

	/** Whether the roster is up to date: no joins or leaves since the last snapshot. */
	get isTold(): boolean {
		return this.changes.length === 0;
	}

	/** Announces joins and leaves since the last time, in one message. */
	tellRoster(): void {
		if (this.changes.length === 0) return;
		const message = encodeRoster(this.changes);
		this.changes = [];
		this.sendToAll(message);
	}

	sendToAll(message: Uint8Array): void {
		for (const { sink } of this.viewers) sink.send(message);
	}

	/** Drops all clients. */
	clear(name: CloseName, detail: string): void {
		for (const { sink } of [...this.viewers]) sink.drop(name, detail);
		this.viewers.clear();
		this.players.clear();
	}

	private attach(player: Player | null, sink: ClientSink): Viewer {
		const { clock, settings } = this.room;
		const viewer = new Viewer(sink, player, settings.clientBytesPerSecond, clock.now());
		this.viewers.add(viewer);
		if (player) player.viewer = viewer;
		return viewer;
	}

	/** Sends the welcome to a connection, which sees the room from the next snapshot on. */
	private show(player: Player | null, sink: ClientSink, token: string | null): Viewer {
		const { id, tick, game } = this.room;
		const viewer = this.attach(player, sink);
		sink.send(
			encodeWelcome({
				room: id,
				player: player?.number ?? null,
				token,
				tick,
				tickRate: game.descriptor.tickRate,
				snapshotRate: game.descriptor.snapshotRate,
				moduleHash: game.hash,
				schema: game.schema,
				roster: [...this.players.values()]
					.filter((p) => !p.isLeaving)
					.map((p) => ({ player: p.number, name: p.name })),
			}),
		);
		return viewer;
	}
}
