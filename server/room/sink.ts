import type { CloseName } from "../../protocol/errors.ts";
import type { Capability } from "../../protocol/messages/client-message.ts";
import type { SharedFrame } from "../snapshot/shared-frame.ts";

/** A player's end of the line, as a room sees it: a socket in a server, a recorder in a test. */
export interface ClientSink {
	/** True while bytes of an earlier send wait for the network. */
	readonly isBusy: boolean;
	/** Time that the last ping took, ms; -1 or none when it is not known. */
	readonly pingMs?: number;
	/** What the client asked for in its hello. */
	readonly capabilities?: readonly Capability[];
	send(message: Uint8Array): void;
	/**
	 * Sends a snapshot: `prefixBytes` bytes that end where the frame's shared bytes begin, and those.
	 * The frame is the caller's again afterwards.
	 */
	sendFrame(frame: SharedFrame, prefixBytes: number): void;
	/** Ends the connection with a named reason; a game that does so may add a number of its own. */
	drop(name: CloseName, detail: string, reason?: number): void;
}
