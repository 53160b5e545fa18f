import { createImage } from "../../../protocol/abi/image.ts";
import { rawHash } from "../../module/module-files.ts";
import type { Room } from "../../room/room.ts";
import { type SavedRest, saveRest } from "../../room/saved-room.ts";
import { decideGiver } from "../hand-over/giver.ts";
import {
	type GiverEffect,
	type GiverEvent,
	type GiverState,
	NO_GIVER,
} from "../hand-over/giver-state.ts";
import type { Message, Send } from "../hand-over/messages.ts";
import { imageChunks } from "../hand-over/wire/image-chunks.ts";
import type { Parcel } from "../hand-over/wire/parcel.ts";
import { Decisions } from "./decisions.ts";
import { type MovesHost, machineMs } from "./worker-moves-host.ts";

/** How long until a room that is about to be shown is looked at again, ms. */
const SHOWN_MS = 1;

/**
 * Gives one room to other workers: carries out what `decideGiver` says. From the rest to the end nothing is read of the
 * room's clients: what they send waits in their sockets, and goes with those.
 */
export class RoomGiver {
	private readonly id: string;
	private readonly host: MovesHost;
	private readonly decisions: Decisions<GiverState, GiverEvent, GiverEffect>;
	/** As long as it is here, or its sockets are on their way. */
	private room: Room | null = null;
	/** It is another's, and the log here may still be the only one that has it. */
	private given: Room | null = null;
	private lastInbox: Uint8Array = new Uint8Array(0);
	private rest: { saved: SavedRest; dueAtMs: number; frozenAtMs: number } | null = null;

	constructor(id: string, host: MovesHost) {
		this.id = id;
		this.host = host;
		this.decisions = new Decisions(NO_GIVER, decideGiver, (effect) => this.carryOut(effect));
	}

	/** Nothing of it has to be remembered. */
	get isIdle(): boolean {
		return this.decisions.state.phase === "none";
	}

	/** The room runs here from now on. */
	own(room: Room, isSettled: boolean): void {
		this.room = room;
		this.tell({ type: "own", epoch: room.epoch, isSettled });
	}

	tell(event: GiverEvent): void {
		this.decisions.tell(event);
		if (!this.isIdle) return;
		this.room = null;
		this.rest = null;
	}

	/** The tick that the room computes next, and whether it may still get its old rules back. */
	get standing(): { next: number; isOnProbation: boolean } {
		const { room } = this;
		if (room === null) return { next: 0, isOnProbation: false };
		const next = room.tick + (room.isShowDue ? 1 : 0);
		return { next, isOnProbation: room.probation !== null && next < room.probation.untilTick };
	}

	/** Another log has it. */
	private closeLog(): void {
		this.given?.recorder?.close(this.given, "moved");
		this.given = null;
	}

	private carryOut(effect: GiverEffect): void {
		const { room, host } = this;
		switch (effect.do) {
			case "send":
				return this.send(effect);
			case "timer":
				return this.decisions.startTimer(effect.ms);
			case "freeze":
				return this.freeze();
			case "thaw":
				if (room) this.thaw(room);
				return;
			case "packSockets":
				if (room) host.sockets.give(room, this.decisions.state.to);
				return this.tell({ type: "packed", parts: 1 });
			case "discard":
				if (room) this.discard(room);
				return;
			case "closeSockets":
				if (this.given) host.sockets.drop(this.given);
				return;
			case "closeLog":
				this.closeLog();
		}
	}

	private discard(room: Room): void {
		this.host.hellos.turnAway(room.id);
		this.host.directory.giveAway(room);
		room.recorder?.given?.(room);
		this.given = room;
	}

	private freeze(): void {
		const { room, host } = this;
		if (room === null || this.decisions.state.phase !== "freezing") return;
		if (room.isShowDue) {
			setTimeout(() => this.freeze(), SHOWN_MS);
			return;
		}
		// whoever reads it there if the taker dies finds all that was
		host.flushLog();
		const frozenAtMs = machineMs();
		const dueAtMs = frozenAtMs + room.deadlineMs - host.clock.now();
		host.tap.leave(room);
		host.directory.freeze(room);
		host.hellos.expect([room.id]);
		host.sockets.pause(room);
		this.rest = { saved: saveRest(room), dueAtMs, frozenAtMs };
		this.tell({ type: "frozen", tick: room.tick });
	}

	private thaw(room: Room): void {
		const { host, rest } = this;
		host.tap.leave(room);
		if (!room.isFrozen || rest === null) return;
		this.rest = null;
		host.sockets.resume(room);
		host.directory.thaw(room, host.clock.now() + rest.dueAtMs - machineMs());
		host.hellos.arrived(room.id);
	}

	private send({ to, message }: Send): void {
		const { room, id, host } = this;
		if (message.type === "prepare" && room) return this.prepare(room, message, to);
		if (message.type === "cancel" && room) host.tap.leave(room);
		host.send(id, to, { message, material: this.materialOf(message) } as Parcel);
	}

	/** The image goes ahead, and every tick from now on follows it. */
	private prepare(room: Room, message: Message & { type: "prepare" }, to: Send["to"]): void {
		const { host, id } = this;
		const image = createImage();
		room.simulation.save(image);
		const { length, globals } = image;
		let chunks = 0;
		for (const chunk of imageChunks(message.move, image.bytes.subarray(0, length))) {
			chunks++;
			host.send(id, to, { message: { type: "chunk" }, material: chunk });
		}
		const { game } = room;
		host.send(id, to, {
			message,
			material: {
				room: id,
				moduleHash: game.hash,
				rawHash: rawHash(game),
				length,
				chunks,
				globals,
			},
		});
		const { move } = message;
		host.tap.follow(room, {
			ticked: (tick, inbox) => {
				this.lastInbox = inbox;
				this.tell({ type: "ticked", tick });
			},
			broke: () => {
				host.tap.leave(room);
				this.tell({ type: "failed", move, why: "ERR_MOVE_GAP" });
			},
			over: () => this.tell({ type: "over" }),
		});
	}

	private materialOf({ type }: Message): unknown {
		if (type === "follow") return { inbox: this.lastInbox };
		return type === "rest" ? this.rest : null;
	}
}
