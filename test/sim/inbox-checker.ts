import { INBOX, RECORD } from "../../protocol/abi/layout.ts";
import type { Recorder } from "../../server/room/recorder.ts";
import type { Room } from "../../server/room/room.ts";

/**
 * Watches what a room's module is given: ticks without a gap, joins and leaves that alternate, and
 * exactly one input of each seated player in each tick.
 */
export class InboxChecker implements Recorder {
	private readonly seated = new Set<number>();
	private nextTick = 0;
	inputs = 0;

	tick(room: Room, inbox: Uint8Array): void {
		if (room.tick !== this.nextTick++) throw new Error(`tick ${room.tick} came out of turn`);
		const view = new DataView(inbox.buffer, inbox.byteOffset, inbox.length);
		const heard = new Set<number>();
		for (let at = 0; at < inbox.length; ) {
			const kind = view.getUint8(at + RECORD.kind);
			const player = view.getUint16(at + RECORD.player, true);
			this.take(kind, player, heard);
			at += view.getUint16(at + RECORD.length, true);
		}
		if (heard.size !== this.seated.size) {
			throw new Error(`tick ${room.tick} had ${heard.size} inputs of ${this.seated.size} players`);
		}
		this.inputs += heard.size;
	}

	private take(kind: number, player: number, heard: Set<number>): void {
		const isSeated = this.seated.has(player);
		if (kind === INBOX.join) {
			if (isSeated) throw new Error(`player ${player} joined twice`);
			this.seated.add(player);
		} else if (kind === INBOX.leave) {
			if (!isSeated) throw new Error(`player ${player} left without having joined`);
			this.seated.delete(player);
		} else {
			if (!isSeated) throw new Error(`an input of player ${player}, who is not there`);
			if (heard.has(player)) throw new Error(`two inputs of player ${player} in one tick`);
			heard.add(player);
		}
	}

	open(): void {}

	abort(room: Room): void {
		throw new Error(`tick ${room.tick} failed`);
	}

	swap(): void {}

	close(): void {}
}
