import { LIMITS } from "../../../protocol/limits.ts";
import type { Input } from "../../../protocol/messages/client-message.ts";
import type { Player } from "../../../server/room/player.ts";
import type { Room } from "../../../server/room/room.ts";
import type { RoomState } from "../../../server/room/room-state.ts";
import type { Viewer } from "../../../server/room/viewer.ts";
import { insist } from "./insist.ts";

/** A player's input as a tick was given it. */
export interface InputRecord {
	readonly player: number;
	readonly isRepeated: boolean;
	readonly bytes: Uint8Array;
}

/** What one player has sent, and what of it has been given to the rules. */
interface Account {
	/** Inputs for ticks before were sent to another process. */
	knownFrom: number;
	viewer: Viewer | null;
	/** Inputs that came in time, by their tick. */
	readonly due: Map<number, Uint8Array>;
	/** The last input given; null while one that came late may have been added to it. */
	current: Uint8Array | null;
}

/**
 * What each client sent, told at the door of its room, against what the rules were given: the first input for a
 * tick, in that tick and in no other, and the last one again where none came.
 */
export class InputLedger {
	private readonly accounts = new WeakMap<Player, Account>();
	private readonly inherited = new WeakMap<Player, number>();

	/** Listens at the door of a room. */
	listen(room: Room): void {
		const { receiveInput } = room;
		room.receiveInput = (player: Player, input: Input): string | null => {
			this.arrived(room, player, input);
			return receiveInput.call(room, player, input);
		};
	}

	/** A player whose seat was taken in another process. */
	inherit({ tick, game }: RoomState, player: Player): void {
		const account = this.accountOf(player, game.descriptor.input.size);
		account.current = null;
		account.knownFrom = tick + LIMITS.inputsQueued;
		this.inherited.set(player, account.knownFrom);
	}

	private accountOf(player: Player, size: number): Account {
		const known = this.accounts.get(player);
		if (known?.viewer === player.viewer) return known;
		// nobody steers, or somebody else: what was pressed is let go
		const knownFrom = this.inherited.get(player) ?? 0;
		const current = knownFrom > 0 ? null : new Uint8Array(size);
		const account: Account = { viewer: player.viewer, due: new Map(), current, knownFrom };
		this.accounts.set(player, account);
		return account;
	}

	private arrived(room: Room, player: Player, { tick, inputs }: Input): void {
		const { size } = room.game.descriptor.input;
		const account = this.accountOf(player, size);
		for (let i = 0; i * size < inputs.length; i++) {
			const at = tick + i;
			if (at < room.tick) account.current = null;
			else if (at >= room.tick + LIMITS.inputsQueued) continue;
			else if (!account.due.has(at)) account.due.set(at, inputs.slice(i * size, (i + 1) * size));
		}
	}

	/** The rules are given a player's input. @throws Error when it is not the one that they must have */
	taken(room: RoomState, { player: number, isRepeated, bytes }: InputRecord): void {
		const player = room.players.get(number);
		insist(player !== undefined, `an input of seat ${number}, which nobody has`);
		const account = this.accountOf(player, bytes.length);
		const { tick } = room;
		const sent = account.due.get(tick);
		account.due.delete(tick);
		// a tick that leaves all inputs out uses them up
		for (const [at, unheard] of [...account.due].sort(([a], [b]) => a - b)) {
			if (at > tick) break;
			account.due.delete(at);
			if (account.current) account.current = unheard;
		}
		if (tick < account.knownFrom) return;
		const what = `the input of player ${number} in tick ${tick}`;
		insist(isRepeated === (sent === undefined), `${what} ${isRepeated ? "came" : "never came"}`);
		const expected = sent ?? account.current;
		// one that came late may be added to it once
		const isPure = account.current !== null;
		if (expected && isPure) {
			insist(Buffer.compare(expected, bytes) === 0, `${what} is not the one that was sent`);
		}
		account.current = sent ?? account.current;
	}
}
