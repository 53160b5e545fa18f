import type { WorkerId } from "../../../server/worker/hand-over/messages.ts";

/** A client's connection, its ends and the kernel's buffer between them. */
export interface SimLine {
	readonly player: number;
	/** Who has the server's end; "register": the supervisor keeps it. */
	holder: WorkerId | "register";
	/** Inputs on the way. */
	readonly buffer: number[];
	isReading: boolean;
	isClosed: boolean;
}
