import { MATCH_LIMITS } from "../match-limits.ts";
import { Mirror } from "../store/mirror.ts";
import type { Store } from "../store/store.ts";
import { customerOf, Networks, plainAddress } from "./address.ts";

/** Who may not come in: a user by id, an address (of IPv6 its /64), or a network. */
export interface Ban {
	readonly kind: "user" | "address" | "network";
	readonly subject: string;
	/** Time of day, ms; null for ever. */
	readonly untilMs: number | null;
	readonly reason: string;
	/** Since when, time of day, ms. */
	readonly sinceMs: number;
}

interface BansOptions {
	store: Store;
	/** Time of day, ms. */
	now: () => number;
	/** Hears of each new ban: whoever is in must go. */
	added: (ban: Ban) => void;
}

/** Why a ban cannot be: what is wrong with what was given. */
interface BadBan {
	readonly problem: string;
}

const SPACE = "bans";

function keyOf({ kind, subject }: Pick<Ban, "kind" | "subject">): string {
	return `${kind}/${subject}`;
}

function parse(value: string): Ban | null {
	try {
		return JSON.parse(value) as Ban;
	} catch {
		return null;
	}
}

/** What is banned as it is compared; null for what cannot be. */
function subjectOf(kind: unknown, subject: unknown): Pick<Ban, "kind" | "subject"> | null {
	if (typeof subject !== "string" || subject === "") return null;
	if (kind === "user") {
		return Buffer.byteLength(subject) <= MATCH_LIMITS.userBytes ? { kind, subject } : null;
	}
	if (kind !== "address" && kind !== "network") return null;
	if (!subject.includes("/")) {
		return plainAddress(subject) === "" ? null : { kind: "address", subject: customerOf(subject) };
	}
	// a word such as "private" would be more than anybody meant to ban
	const [base = ""] = subject.split("/", 1);
	if (plainAddress(base) === "" || "wrong" in Networks.read([subject])) return null;
	return { kind: "network", subject };
}

/** Who may not come in, known here as soon as the store tells. */
export class Bans {
	private readonly options: BansOptions;
	private readonly mirror: Mirror<Ban>;
	private networks: { ban: Ban; has: Networks }[] = [];
	private isOpen = false;

	constructor(options: BansOptions) {
		this.options = options;
		this.mirror = new Mirror(parse, (key) => this.changed(key));
	}

	async open(): Promise<void> {
		await this.mirror.open(this.options.store, SPACE);
		this.isOpen = true;
	}

	close(): void {
		this.mirror.close();
	}

	get list(): readonly Ban[] {
		return [...this.mirror.entries.values()].filter((ban) => this.holds(ban));
	}

	/** The ban that keeps this user or address out. */
	find(user: string | null, address: string): Ban | null {
		const plain = plainAddress(address);
		const byUser = user === null ? undefined : this.mirror.entries.get(`user/${user}`);
		const byAddress = this.mirror.entries.get(`address/${customerOf(plain)}`);
		const byNetwork = this.networks.find(({ ban, has }) => this.holds(ban) && has.has(plain))?.ban;
		const found = [byUser, byAddress, byNetwork].filter((ban) => ban && this.holds(ban));
		return found[0] ?? null;
	}

	/** `given` is what an operator asked for; a ban of the same subject is replaced. */
	async add(given: {
		kind?: unknown;
		subject?: unknown;
		untilMs?: unknown;
		reason?: unknown;
	}): Promise<Ban | BadBan> {
		const { untilMs = null, reason = "" } = given;
		const subject = subjectOf(given.kind, given.subject);
		if (!subject)
			return { problem: "kind is user, address or network, and subject one of that kind" };
		const nowMs = this.options.now();
		if (untilMs !== null && !(typeof untilMs === "number" && untilMs > nowMs)) {
			return { problem: "untilMs is a time to come, ms since 1970, or null" };
		}
		if (typeof reason !== "string" || reason.length > MATCH_LIMITS.banReasonChars) {
			return { problem: `reason has at most ${MATCH_LIMITS.banReasonChars} characters` };
		}
		if (this.mirror.entries.size >= MATCH_LIMITS.bans)
			return { problem: "there are too many bans" };
		if (subject.kind === "network" && this.networks.length >= MATCH_LIMITS.networks) {
			return { problem: "there are too many networks" };
		}
		const ban: Ban = { ...subject, untilMs, reason, sinceMs: nowMs };
		const ttl = untilMs === null ? {} : { ttlMs: untilMs - nowMs };
		const change = { key: keyOf(ban), value: JSON.stringify(ban), ...ttl };
		const result = await this.options.store.commit(SPACE, [change]);
		return "version" in result ? ban : { problem: "there are too many bans" };
	}

	/** Takes a ban back; false when there was none. */
	async remove(kind: string, subject: string): Promise<boolean> {
		const known = subjectOf(kind, subject);
		if (!known) return false;
		const entry = await this.options.store.get(SPACE, keyOf(known));
		if (!entry) return false;
		await this.options.store.commit(SPACE, [{ key: entry.key, value: null }]);
		return true;
	}

	private holds({ untilMs }: Ban): boolean {
		return untilMs === null || untilMs > this.options.now();
	}

	private changed(key: string | null): void {
		if (key === null || key.startsWith("network/")) {
			this.networks = [...this.mirror.entries.values()].flatMap((ban) => {
				const has = ban.kind === "network" ? Networks.read([ban.subject]) : null;
				return has instanceof Networks ? [{ ban, has }] : [];
			});
		}
		const ban = key === null ? undefined : this.mirror.entries.get(key);
		if (ban) this.options.added(ban);
		// after a gap in what the store told, anything may be new
		else if (key === null && this.isOpen) for (const each of this.list) this.options.added(each);
	}
}
