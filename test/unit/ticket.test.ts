import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fixedSecrets } from "../../server/match/identity/secrets.ts";
import { looksLikeTicket, readTicket, writeTicket } from "../../server/match/identity/ticket.ts";
import { type Admission, TicketOffice } from "../../server/match/identity/ticket-office.ts";
import { MATCH_LIMITS } from "../../server/match/match-limits.ts";
import { MemoryStore } from "../../server/match/store/memory-store.ts";
import { holds, mutate, mutations } from "../support/holds.ts";

const KEY = new TextEncoder().encode("the key of a test, which is long enough");
const OLD = new TextEncoder().encode("yesterday's key, which is long enough too");
const NOW = Date.UTC(2026, 10, 27);
const sample = {
	id: randomBytes(12).toString("base64url"),
	spectate: false,
	expiresMs: NOW + 15_000,
};

describe("a ticket", () => {
	it("says again what was written, and fits a hello's token with any room", () => {
		const rooms = fc
			.string({ unit: "grapheme", maxLength: 48 })
			.filter((room) => Buffer.byteLength(room) <= MATCH_LIMITS.ticketRoomBytes);
		holds(
			fc.property(rooms, fc.boolean(), (room, spectate) => {
				const given = { ...sample, room, spectate };
				const text = writeTicket(given, KEY);
				expect(text.length).toBeLessThanOrEqual(MATCH_LIMITS.ticketBytes);
				expect(readTicket(text, [KEY], NOW)).toEqual(given);
			}),
		);
		const longest = { ...sample, room: "r".repeat(MATCH_LIMITS.ticketRoomBytes) };
		expect(writeTicket(longest, KEY).length).toBeLessThanOrEqual(MATCH_LIMITS.ticketBytes);
		const longer = { ...sample, room: `${longest.room}r` };
		expect(() => writeTicket(longer, KEY)).toThrow(RangeError);
	});

	it("is not what a seat's token looks like", () => {
		expect(looksLikeTicket("AbCd_-12.0123456789012345678901")).toBe(false);
		expect(looksLikeTicket(writeTicket({ ...sample, room: "AbCd_-12" }, KEY))).toBe(true);
	});

	it("is forged once any bit of it is another", () => {
		const text = writeTicket({ ...sample, room: "AbCd_-12" }, KEY);
		const bytes = Buffer.from(text.slice(3), "base64url");
		for (let bit = 32; bit < bytes.length * 8; bit++) {
			const changed = Buffer.from(bytes);
			changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
			expect(readTicket(`v1.${changed.toString("base64url")}`, [KEY], NOW)).toBe(
				"ERR_TICKET_FORGED",
			);
		}
		const signedByNobody = bytes.subarray(0, -16);
		expect(readTicket(`v1.${signedByNobody.toString("base64url")}`, [KEY], NOW)).toBe(
			"ERR_TICKET_FORGED",
		);
	});

	it("is taken in no other spelling, and whatever is no ticket has a name", () => {
		const text = writeTicket({ ...sample, room: "AbCd_-12" }, KEY);
		for (const other of [
			`${text}=`,
			` ${text}`,
			`${text} `,
			text.replace("v1.", "v2."),
			"v1.",
			"v1.A",
		]) {
			expect(readTicket(other, [KEY], NOW)).toBe("ERR_TICKET_FORGED");
		}
		holds(
			fc.property(mutations, (changes) => {
				const changed = Buffer.from(mutate(Buffer.from(text), changes)).toString("latin1");
				const read = readTicket(changed, [KEY], NOW);
				if (changed !== text) expect(typeof read).toBe("string");
			}),
			500,
		);
	});

	it("is good until its time is over, and with any key that holds", () => {
		const text = writeTicket({ ...sample, room: "r" }, OLD);
		expect(readTicket(text, [KEY, OLD], sample.expiresMs - 1)).toMatchObject({ room: "r" });
		expect(readTicket(text, [KEY, OLD], sample.expiresMs)).toBe("ERR_TICKET_EXPIRED");
		expect(readTicket(text, [KEY], NOW)).toBe("ERR_TICKET_FOREIGN");
		expect(readTicket(text, [], NOW)).toBe("ERR_TICKET_FOREIGN");
	});
});

describe("the ticket office", () => {
	const admission: Admission = {
		game: "arena",
		room: "AbCd_-12",
		spectate: false,
		user: { id: "u", name: "Ada", rating: 1500, roles: [], claims: { clan: "x" } },
	};
	const claim = { game: "arena", room: "AbCd_-12", spectate: false };

	function office(maxEntries = 100) {
		const time = { ms: NOW };
		const now = () => time.ms;
		const store = new MemoryStore({ now, maxEntries });
		const keys = fixedSecrets("the key of a test, which is long enough", "a test");
		return { time, store, office: new TicketOffice({ store, keys, now }) };
	}

	async function ticketOf(from: TicketOffice, of = admission): Promise<string> {
		const issued = await from.issue(of);
		if ("error" in issued) throw new Error(issued.error);
		return issued.ticket;
	}

	it("lets its owner in as who they are, once", async () => {
		const { office: it } = office();
		const ticket = await ticketOf(it);
		expect(await it.redeem(ticket, claim)).toMatchObject(admission);
		expect(await it.redeem(ticket, claim)).toMatchObject({ error: "ERR_TICKET_USED" });
	});

	it("lets one of many in who bring the same ticket at the same moment", async () => {
		const { office: it } = office();
		const ticket = await ticketOf(it);
		const all = await Promise.all(Array.from({ length: 20 }, () => it.redeem(ticket, claim)));
		expect(all.filter((found) => !("error" in found))).toHaveLength(1);
		expect(
			all.filter((found) => "error" in found && found.error === "ERR_TICKET_USED"),
		).toHaveLength(19);
	});

	it("lets nobody in elsewhere, and leaves the ticket as good as it was", async () => {
		const { office: it } = office();
		const ticket = await ticketOf(it);
		for (const wrong of [{ game: "swarm" }, { room: "other" }, { spectate: true }]) {
			expect(await it.redeem(ticket, { ...claim, ...wrong })).toMatchObject({
				error: "ERR_TICKET_FOREIGN",
			});
		}
		expect(await it.redeem(ticket, { ...claim, room: null })).toMatchObject({ room: "AbCd_-12" });
	});

	it("takes no ticket after 15 seconds, nor one of another office", async () => {
		const { office: it, time, store } = office();
		const late = await ticketOf(it);
		const inTime = await ticketOf(it);
		time.ms += MATCH_LIMITS.ticketMs - 1;
		expect(await it.redeem(inTime, claim)).toMatchObject({ room: "AbCd_-12" });
		const punctual = await ticketOf(it);
		time.ms += 1;
		expect(await it.redeem(late, claim)).toMatchObject({ error: "ERR_TICKET_EXPIRED" });
		expect(await it.redeem(punctual, claim)).toMatchObject({ room: "AbCd_-12" });
		time.ms += 10 * MATCH_LIMITS.ticketMs;
		store.sweep();
		expect(await it.redeem(late, claim)).toMatchObject({ error: "ERR_TICKET_EXPIRED" });
		const keys = fixedSecrets("the key of another server, long enough", "a test");
		const other = new TicketOffice({ store, keys, now: () => time.ms });
		expect(await it.redeem(await ticketOf(other), claim)).toMatchObject({
			error: "ERR_TICKET_FOREIGN",
		});
	});

	it("issues no more than the store holds, and does again when those are over", async () => {
		const { office: it, time } = office(2);
		await ticketOf(it);
		await ticketOf(it);
		expect(await it.issue(admission)).toMatchObject({ error: "ERR_SERVER_FULL" });
		time.ms += 2 * MATCH_LIMITS.ticketMs;
		expect(await it.issue(admission)).toHaveProperty("ticket");
	});
});
