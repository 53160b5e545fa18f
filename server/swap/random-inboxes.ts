import type { Descriptor } from "../../protocol/abi/descriptor.ts";
import { InboxWriter } from "../../protocol/abi/inbox-writer.ts";
import { INPUT_REPEATED } from "../../protocol/abi/layout.ts";
import { type ScalarName, writeScalar } from "../../protocol/schema/scalar.ts";
import { type Random, SeededRandom } from "../../protocol/seeded-random.ts";

export interface PlayerOptions {
	readonly seed: number;
	/** Seats that are taken most of the time. */
	readonly players: number;
}

/** Maximum seconds that a player keeps pressing the same buttons, stays away, and stays. */
const HOLD_SECONDS = 0.5;
const AWAY_SECONDS = 1;
const STAY_SECONDS = 10;

const INTEGERS: Readonly<Partial<Record<ScalarName, readonly [least: number, most: number]>>> = {
	bool: [0, 1],
	u8: [0, 0xff],
	i8: [-0x80, 0x7f],
	u16: [0, 0xffff],
	i16: [-0x8000, 0x7fff],
	u32: [0, 0xffff_ffff],
	i32: [-0x8000_0000, 0x7fff_ffff],
	u64: [0, 2 ** 53],
	i64: [-(2 ** 53), 2 ** 53],
};

/** The ends of a type's range as often as what lies between: a stick is mostly at rest or at its stop. */
function randomValue(type: ScalarName, random: Random): number {
	const [least, most] = INTEGERS[type] ?? [-1, 1];
	const kind = random();
	if (kind < 0.2) return 0;
	if (kind < 0.3) return least;
	if (kind < 0.4) return most;
	const value = least + random() * (most - least);
	return INTEGERS[type] ? Math.round(value) : value;
}

interface Seat {
	isHere: boolean;
	/** Tick of the next join or leave. */
	changeTick: number;
	/** Tick from which the player presses something else. */
	pressTick: number;
	readonly input: Uint8Array;
}

/** Inboxes of the first `ticks` ticks with {@link randomPlayers}. */
export function randomInboxes(
	descriptor: Descriptor,
	options: PlayerOptions & { readonly ticks: number },
): Uint8Array[] {
	const inboxOf = randomPlayers(descriptor, options);
	return Array.from({ length: options.ticks }, (_, tick) => inboxOf(tick));
}

/**
 * Inboxes as a room would fill them, of players who join, press at random and leave: leaves first, then
 * joins, then one input of each player who is here. Call it for tick after tick, from 0 on; the same
 * options always give the same bytes.
 */
export function randomPlayers(
	descriptor: Descriptor,
	options: PlayerOptions,
): (tick: number) => Uint8Array {
	const random = new SeededRandom(options.seed).next;
	const { tickRate, input, inbox } = descriptor;
	const within = (seconds: number): number => 1 + Math.floor(random() * seconds * tickRate);
	const writer = new InboxWriter(new ArrayBuffer(inbox.bytes), {
		...descriptor,
		inbox: { address: 0, bytes: inbox.bytes },
	});
	const seats: Seat[] = Array.from({ length: options.players }, () => ({
		isHere: false,
		changeTick: within(AWAY_SECONDS),
		pressTick: 0,
		input: new Uint8Array(input.size),
	}));
	const press = (seat: Seat, tick: number): boolean => {
		if (tick < seat.pressTick) return false;
		seat.pressTick = tick + within(HOLD_SECONDS);
		const view = new DataView(seat.input.buffer);
		for (const { offset, type } of input.fields) {
			writeScalar(view, offset, type, randomValue(type, random));
		}
		return true;
	};
	return (tick) => {
		writer.clear();
		const isDue = (seat: Seat): boolean => seat.changeTick === tick;
		const arriving = seats.filter((seat) => !seat.isHere && isDue(seat));
		for (const [player, seat] of seats.entries()) {
			if (!seat.isHere || !isDue(seat)) continue;
			writer.leave(player, 0);
			seat.isHere = false;
			seat.changeTick = tick + within(AWAY_SECONDS);
		}
		for (const seat of arriving) {
			const player = seats.indexOf(seat);
			seat.isHere = writer.join(player, `player ${player}`);
			seat.changeTick = tick + (seat.isHere ? within(STAY_SECONDS) : 1);
		}
		for (const [player, seat] of seats.entries()) {
			if (!seat.isHere) continue;
			const isNew = press(seat, tick);
			writer.input(player, seat.input, 0, isNew ? 0 : INPUT_REPEATED);
		}
		return writer.written().slice();
	};
}
