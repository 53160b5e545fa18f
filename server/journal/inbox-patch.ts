import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { makePatch, putPatch, putRepeat, putTick } from "./encode-record.ts";
import { RecordBody } from "./record-body.ts";

/** Writes the changes of each inbox: most equal that of the tick before except for a few bytes. */
export class InboxEncoder {
	/** The last inbox, and what of it the next one changes. */
	private readonly last = new ByteWriter(256);
	private readonly patch = new ByteWriter(256);
	private isLastKnown = false;

	/** The next inbox is written out, so that reading can begin with it. */
	forget(): void {
		this.isLastKnown = false;
	}

	/** Adds a tick, repeat or patch record. Allocates nothing while the buffers are long enough. */
	put(to: ByteWriter, inbox: Uint8Array): void {
		const { last, patch } = this;
		if (this.isLastKnown && inbox.length === last.length) {
			patch.length = 0;
			makePatch(patch, last.bytes, inbox);
			if (patch.length === 0) {
				putRepeat(to);
				return;
			}
			if (patch.length < inbox.length) {
				putPatch(to, patch);
				this.remember(inbox);
				return;
			}
		}
		putTick(to, inbox);
		this.remember(inbox);
	}

	private remember(inbox: Uint8Array): void {
		const { last } = this;
		last.length = 0;
		last.ensure(inbox.length);
		last.bytes.set(inbox);
		last.length = inbox.length;
		this.isLastKnown = true;
	}
}

/** The inbox that a patch record makes of the one before; null when it leaves it. */
export function applyPatch(last: Uint8Array, patch: Uint8Array): Uint8Array | null {
	const inbox = new Uint8Array(last);
	const reader = new RecordBody(patch, 0);
	for (let at = 0; !reader.atEnd; ) {
		at += reader.varint();
		const changed = reader.take(reader.varint());
		if (reader.failed || at + changed.length > inbox.length) return null;
		inbox.set(changed, at);
		at += changed.length;
	}
	return inbox;
}
