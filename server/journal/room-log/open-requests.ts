import { ANSWER, INBOX, RECORD } from "../../../protocol/abi/layout.ts";
import { forEachRecord } from "../../input/inbox-records.ts";
import type { Effect } from "../../room/effect.ts";

/** Requests of a room whose answers its inboxes have not brought: whoever goes on with it asks again. */
export class OpenRequests {
	private readonly open = new Map<string, Effect>();

	get list(): readonly Effect[] {
		return [...this.open.values()];
	}

	said(effect: Effect): void {
		if (effect.kind === "request") this.open.set(`${effect.tick}:${effect.n}`, effect);
	}

	/** A tick took effect on this inbox. */
	ran(inbox: Uint8Array): void {
		if (this.open.size === 0) return;
		const view = new DataView(inbox.buffer, inbox.byteOffset, inbox.length);
		forEachRecord(inbox, (kind, _, from, to) => {
			if (kind !== INBOX.answer || to - from < RECORD.size + ANSWER.size) return;
			const at = from + RECORD.size;
			const tick = view.getUint32(at + ANSWER.tick, true);
			this.open.delete(`${tick}:${view.getUint16(at + ANSWER.n, true)}`);
		});
	}

	/** A player who has left hears no answer. */
	seatGone(number: number): void {
		for (const [key, { player }] of this.open) if (player?.number === number) this.open.delete(key);
	}
}
