import { WORKER_LIMITS } from "../worker-limits.ts";
import { bytes, fields } from "./checks.ts";

/** What travels with a socket that is in use: see `socket-passing/passable-socket.ts`. */
export const carried = fields({
	unread: bytes(WORKER_LIMITS.carriedBytes),
	unsent: bytes(WORKER_LIMITS.unsentBytes),
});
