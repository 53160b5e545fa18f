import type { LogTroubleName } from "../../../protocol/errors.ts";
export type OnTrouble = (name: LogTroubleName, detail: string) => void;

/** `failing`: nothing is written. `slow`: it is, but too late. */
type Kind = "failing" | "slow";

interface Episode {
	readonly name: LogTroubleName;
	readonly sinceMs: number;
}

/** A full disk has a name of its own: it is the one that an operator can do something about at once. */
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

export function troubleName(error: NodeJS.ErrnoException): LogTroubleName {
	return error.code !== undefined && FULL.has(error.code) ? "ERR_LOG_FULL" : "ERR_LOG_WRITE";
}

/** Tells of each trouble once, however often it is met before it is over. */
export class LogHealth {
	private readonly episodes = new Map<Kind, Episode>();
	private readonly onTrouble: OnTrouble;
	private readonly onHeld: () => void;

	constructor(onTrouble: OnTrouble, onHeld: () => void) {
		this.onTrouble = onTrouble;
		this.onHeld = onHeld;
	}

	begin(kind: Kind, name: LogTroubleName, detail: string, nowMs: number): void {
		if (this.episodes.has(kind)) return;
		this.episodes.set(kind, { name, sinceMs: nowMs });
		this.onTrouble(name, detail);
	}

	end(kind: Kind): void {
		if (this.episodes.delete(kind) && this.episodes.size === 0) this.onHeld();
	}

	has(kind: Kind): boolean {
		return this.episodes.has(kind);
	}

	/** The worst trouble there is, null when there is none. */
	get worst(): Episode | null {
		return this.episodes.get("failing") ?? this.episodes.get("slow") ?? null;
	}
}
