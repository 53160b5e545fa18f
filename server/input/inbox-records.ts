import { INBOX, RECORD } from "../../protocol/abi/layout.ts";

/**
 * Calls `visit` with each record of an inbox; false when what follows makes no sense, which only bytes from
 * outside do.
 */
export function forEachRecord(
	inbox: Uint8Array,
	visit: (kind: number, player: number, from: number, to: number) => void,
): boolean {
	const view = new DataView(inbox.buffer, inbox.byteOffset, inbox.length);
	for (let at = 0; at < inbox.length; ) {
		if (at + RECORD.size > inbox.length) return false;
		const size = view.getUint16(at + RECORD.length, true);
		if (size < RECORD.size || at + size > inbox.length) return false;
		visit(view.getUint8(at + RECORD.kind), view.getUint16(at + RECORD.player, true), at, at + size);
		at += size;
	}
	return true;
}

export function playersWithInput(inbox: Uint8Array): number[] {
	const players: number[] = [];
	forEachRecord(inbox, (kind, player) => {
		if (kind === INBOX.input) players.push(player);
	});
	return players;
}

/** A copy of the inbox without the input record of one player, or of all. */
export function withoutInput(inbox: Uint8Array, player: number | "all"): Uint8Array {
	const kept: number[] = [];
	forEachRecord(inbox, (kind, who, from, to) => {
		if (kind === INBOX.input && (player === "all" || who === player)) return;
		for (let i = from; i < to; i++) kept.push(inbox[i] as number);
	});
	return Uint8Array.from(kept);
}
