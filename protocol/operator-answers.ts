/* What the admin API answers about what operators do, and must watch: see docs/operations.md. */

/** How well rooms are protected from the death of their process. */
export interface RoomLogLine {
	/** A tick that is shown survives what `--durability` promises. */
	readonly isHeld: boolean;
	/** Bytes that are not where `--durability` wants them yet. */
	readonly lagBytes: number;
}

/** GET /admin/audit: what operators changed, newest first. */
export interface AuditAnswer {
	readonly lines: readonly AuditLine[];
}

/** One request that changed something, or was to. */
export interface AuditLine {
	/** ms since 1970 */
	readonly atMs: number;
	/** The name given with `?by=`, and the address. */
	readonly by: string;
	/** The last part of the path, such as `kick`, and what is before it, such as `rooms/ID/players/3`. */
	readonly what: string;
	readonly target: string;
	/** The query, or what the request says of itself, such as the text of a message. */
	readonly detail: string;
	/** The status of the answer, 0 when whoever asked did not wait for it; and the name of a refusal. */
	readonly status: number;
	readonly error: string | null;
}

/** POST /admin/rooms/ID/players/N/kick */
export interface KickAnswer {
	readonly room: string;
	readonly player: number;
	readonly name: string;
}

/** POST /admin/message: in how many rooms how many clients were told. */
export interface MessageAnswer {
	readonly rooms: number;
	readonly clients: number;
}
