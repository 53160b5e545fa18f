import {
	decodeServerMessage,
	type ServerMessage,
	type Snapshot,
} from "../../protocol/messages/server-message.ts";
import type { ClientSink } from "../../server/room/sink.ts";
import type { SharedBytes } from "../../server/snapshot/shared-bytes.ts";

/** A player's end of the line that keeps everything it is sent. */
export class RecordingSink implements ClientSink {
	isBusy = false;
	readonly raw: Uint8Array[] = [];
	dropped: { name: string; detail: string; reason?: number } | null = null;

	send(message: Uint8Array): void {
		this.raw.push(message.slice());
	}

	sendShared(frame: SharedBytes, prefixBytes: number): void {
		const from = frame.end - frame.sharedBytes - prefixBytes;
		this.raw.push(new Uint8Array(frame.buffer.subarray(from, frame.end)));
	}

	drop(name: string, detail: string, reason?: number): void {
		this.dropped ??= { name, detail, ...(reason === undefined ? {} : { reason }) };
	}

	get messages(): ServerMessage[] {
		return this.raw.map((bytes) => {
			const message = decodeServerMessage(bytes);
			if (message === null) throw new Error("the room sent what no client understands");
			return message;
		});
	}

	get snapshots(): Snapshot[] {
		return this.messages.filter((m) => m.type === "snapshot");
	}
}

/** A clock that stands still until told to move. */
export class VirtualClock {
	ms = 1000;

	now(): number {
		return this.ms;
	}
}
