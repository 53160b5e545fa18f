import { INBOX, RECORD } from "../../../protocol/abi/layout.ts";
import { forEachRecord } from "../../../server/input/inbox-records.ts";
import type { Recorder } from "../../../server/room/recorder.ts";
import type { Room } from "../../../server/room/room.ts";
import type { RoomState } from "../../../server/room/room-state.ts";
import { InputLedger, type InputRecord } from "./input-ledger.ts";
import { insist } from "./insist.ts";

/**
 * Watches what a room's module is given: ticks in their order, joins and leaves that alternate, and exactly
 * one input of each seated player in each tick, which is the one that came for it. A tick that failed may be
 * tried again without some of its inputs.
 */
export class InboxChecker implements Recorder {
	private readonly seated = new Set<number>();
	private readonly ledger = new InputLedger();
	private nextTick = 0;
	/** The inputs of the tick that failed last, until one takes effect. */
	private failed: Map<number, InputRecord> | null = null;
	inputs = 0;
	aborted = 0;

	open(room: RoomState): void {
		this.ledger.listen(room as Room);
		// one that goes on in another process has players, and perhaps a tick to be tried again
		for (const player of room.players.values()) {
			if (player.isJoined) this.seated.add(player.number);
			this.ledger.inherit(room, player);
		}
		this.undo(room.carriedOver ?? new Uint8Array(0));
		this.nextTick = room.tick;
		if (room.leavesInputsOut || room.carriedOver) this.failed = new Map();
	}

	tick(room: RoomState, inbox: Uint8Array): void {
		this.checkTick(room);
		const heard = this.read(room, inbox, true);
		if (this.failed === null) {
			const { seated } = this;
			const isWhole = heard.size === seated.size;
			insist(isWhole, `tick ${room.tick} had ${heard.size} inputs of ${seated.size} players`);
		}
		for (const record of heard.values()) {
			if (this.isTriedAgain(record)) continue;
			this.ledger.taken(room, record);
		}
		this.inputs += heard.size;
		this.failed = null;
		this.nextTick = room.tick + 1;
	}

	abort(room: RoomState, inbox: Uint8Array): void {
		this.checkTick(room);
		this.aborted++;
		const heard = this.read(room, inbox, false);
		for (const record of heard.values()) {
			if (!this.isTriedAgain(record)) this.ledger.taken(room, record);
		}
		this.failed = new Map([...(this.failed ?? []), ...heard]);
	}

	/** The room says that these joins and leaves are done; its module has not been told of any. */
	private undo(inbox: Uint8Array): void {
		const told: { kind: number; player: number }[] = [];
		forEachRecord(inbox, (kind, player) => told.push({ kind, player }));
		for (const { kind, player } of told.reverse()) {
			if (kind === INBOX.join) this.seated.delete(player);
			else if (kind === INBOX.leave) this.seated.add(player);
		}
	}

	swap(): void {}

	close(): void {}

	private checkTick({ tick }: RoomState): void {
		const isNext = tick === this.nextTick || (this.failed !== null && tick > this.nextTick);
		insist(isNext, `tick ${tick} came out of turn, after ${this.nextTick}`);
	}

	private isTriedAgain({ player, bytes, isRepeated }: InputRecord): boolean {
		const before = this.failed?.get(player);
		return before?.isRepeated === isRepeated && Buffer.compare(before.bytes, bytes) === 0;
	}

	/** The inputs of an inbox, by player. Joins and leaves of a tick that took effect are for good. */
	private read(room: RoomState, inbox: Uint8Array, isGood: boolean): Map<number, InputRecord> {
		const view = new DataView(inbox.buffer, inbox.byteOffset, inbox.length);
		const seated = isGood ? this.seated : new Set(this.seated);
		const heard = new Map<number, InputRecord>();
		for (let at = 0; at < inbox.length; ) {
			const kind = view.getUint8(at + RECORD.kind);
			const player = view.getUint16(at + RECORD.player, true);
			if (kind === INBOX.join) {
				insist(!seated.has(player), `player ${player} joined twice`);
				seated.add(player);
			} else if (kind === INBOX.leave) {
				insist(seated.delete(player), `player ${player} left without having joined`);
			} else {
				insist(seated.has(player), `an input of player ${player}, who is not there`);
				insist(!heard.has(player), `two inputs of player ${player} in one tick`);
				const from = at + RECORD.size;
				heard.set(player, {
					player,
					isRepeated: (view.getUint8(at + RECORD.flags) & 1) !== 0,
					bytes: inbox.slice(from, from + room.game.descriptor.input.size),
				});
			}
			at += view.getUint16(at + RECORD.length, true);
		}
		return heard;
	}
}
