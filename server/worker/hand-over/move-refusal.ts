/** Why a move did not happen; the room goes on where its owner is. `docs/errors.md` explains each. */
export type MoveRefusal =
	| "ERR_MOVE_ROOM"
	| "ERR_MOVE_BUSY"
	| "ERR_MOVE_WORKER"
	| "ERR_MOVE_TIMEOUT"
	| "ERR_MOVE_BUILD"
	| "ERR_MOVE_GAP"
	| "ERR_MOVE_HASH"
	| "ERR_MOVE_DIED"
	| "ERR_MOVE_OVER";

export const MOVE_REFUSALS: readonly MoveRefusal[] = [
	"ERR_MOVE_ROOM",
	"ERR_MOVE_BUSY",
	"ERR_MOVE_WORKER",
	"ERR_MOVE_TIMEOUT",
	"ERR_MOVE_BUILD",
	"ERR_MOVE_GAP",
	"ERR_MOVE_HASH",
	"ERR_MOVE_DIED",
	"ERR_MOVE_OVER",
];
