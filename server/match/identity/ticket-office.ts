import { randomBytes } from "node:crypto";
import { type Refusal, refusal } from "../../../protocol/refusal.ts";
import { MATCH_LIMITS } from "../match-limits.ts";
import type { Store } from "../store/store.ts";
import type { SecretSource } from "./secrets.ts";
import { readTicket, TICKET_ID_BYTES, writeTicket } from "./ticket.ts";
import type { User } from "./user.ts";

/** What a ticket stands for. */
export interface Admission {
	readonly game: string;
	readonly room: string;
	readonly spectate: boolean;
	/** Null for a guest. */
	readonly user: User | null;
}

/** What a hello asks for. */
interface Claim {
	readonly game: string;
	/** Null: whatever the ticket says. */
	readonly room: string | null;
	readonly spectate: boolean;
}

interface TicketOfficeOptions {
	store: Store;
	/** The first signs, all are good. */
	keys: SecretSource;
	/** Time of day, ms. */
	now: () => number;
}

const SPACE = "tickets";

/** Issues tickets, and takes each once: a replay finds that what it stood for is gone. */
export class TicketOffice {
	private readonly options: TicketOfficeOptions;

	constructor(options: TicketOfficeOptions) {
		this.options = options;
	}

	async issue(
		admission: Admission,
	): Promise<{ ticket: string; id: string; expiresMs: number } | Refusal> {
		const { store, keys, now } = this.options;
		const [key] = await keys.read();
		if (!key) throw new Error("there is no key to sign tickets with");
		const id = randomBytes(TICKET_ID_BYTES).toString("base64url");
		const expiresMs = Math.floor(now()) + MATCH_LIMITS.ticketMs;
		const value = JSON.stringify(admission);
		// the ticket's own time is the first to be over, so that a late one is not taken for a used one
		const ttlMs = 2 * MATCH_LIMITS.ticketMs;
		const result = await store.commit(SPACE, [{ key: id, expect: 0, value, ttlMs }]);
		if (!("version" in result)) {
			return refusal("ERR_SERVER_FULL", "too many tickets are waiting to be used");
		}
		const { room, spectate } = admission;
		return { ticket: writeTicket({ id, room, spectate, expiresMs }, key), id, expiresMs };
	}

	/** Lets a ticket's owner in, once. The id names the seat that was kept. */
	async redeem(text: string, claim: Claim): Promise<(Admission & { id: string }) | Refusal> {
		const { store, keys, now } = this.options;
		const ticket = readTicket(text, await keys.read(), now());
		if (typeof ticket === "string") return refusal(ticket, "see docs/errors.md");
		const { id } = ticket;
		const entry = await store.get(SPACE, id);
		if (!entry) return refusal("ERR_TICKET_USED", `ticket ${id} was used`);
		const admission = JSON.parse(entry.value) as Admission;
		const { game, room, spectate } = admission;
		const isHere =
			game === claim.game &&
			spectate === claim.spectate &&
			(claim.room === null || room === claim.room);
		if (!isHere) return refusal("ERR_TICKET_FOREIGN", `ticket ${id} is for ${room} of ${game}`);
		const taken = await store.commit(SPACE, [{ key: id, expect: entry.version, value: null }]);
		if (!("version" in taken)) return refusal("ERR_TICKET_USED", `ticket ${id} was used`);
		return { ...admission, id };
	}
}
