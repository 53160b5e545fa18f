import type { CloseName } from "../../protocol/errors.ts";
import type { Capability } from "../../protocol/messages/client-message.ts";
import type { SharedBytes } from "../snapshot/shared-bytes.ts";

/** A client's connection, as a room sees it: a socket in a server, a recorder in a test. */
export interface ClientSink {
	/** True while bytes of an earlier send are waiting for the network. */
	readonly isBusy: boolean;
	/** Round trip of the last ping, ms; -1 or undefined if not known. */
	readonly pingMs?: number;
	/** What the client asked for in its hello. */
	readonly capabilities?: readonly Capability[];
	send(message: Uint8Array): void;
	/**
	 * Sends a snapshot: the shared bytes and the `prefixBytes` bytes directly before them.
	 * Afterwards the caller may reuse them.
	 */
	sendShared(shared: SharedBytes, prefixBytes: number): void;
	/** Ends the connection with a named reason; a game may add a number of its own. */
	drop(name: CloseName, detail: string, reason?: number): void;
}
