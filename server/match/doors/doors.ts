import type { CloseName } from "../../../protocol/errors.ts";
import { type Refusal, refusal } from "../../../protocol/refusal.ts";
import { MATCH_LIMITS } from "../match-limits.ts";
import { customerOf, isLoopbackAddress } from "./address.ts";
import { Counts } from "./counts.ts";
import { type BucketRate, KeyedBuckets } from "./keyed-buckets.ts";

/** What one address may do: an IPv4 address, or a /64 of IPv6. */
interface DoorLimits {
	/** Connections that are open at once. */
	readonly connections: number;
	/** Connections opened. */
	readonly connects: BucketRate;
	/** Seats asked for. */
	readonly joins: BucketRate;
	/** Seats held at once, those of lost connections counted. */
	readonly seats: number;
	/** Rooms opened because there was none to go to. */
	readonly opens: BucketRate;
	/** Times that it was refused for something wrong. */
	readonly failures: BucketRate;
}

/** A school or a carrier's gateway comes through, and a flood from one address does not. */
export const DOOR_LIMITS: DoorLimits = {
	connections: 128,
	connects: { perSecond: 10, burst: 128 },
	joins: { perSecond: 5, burst: 64 },
	seats: 128,
	opens: { perSecond: 0.5, burst: 16 },
	failures: { perSecond: 1 / 3, burst: 20 },
};

interface DoorsOptions {
	limits?: Partial<DoorLimits>;
	/** Any clock that never goes back, ms. */
	now: () => number;
	/** Whether programs of this machine are limited too. */
	limitLocal?: boolean;
}

/** Whether an address may come in, so that no one of them can take the place of all others. */
export class Doors {
	private readonly now: () => number;
	private readonly limitLocal: boolean;
	private readonly limits: DoorLimits;
	private readonly open: Counts;
	private readonly seats: Counts;
	private readonly connects: KeyedBuckets;
	private readonly joins: KeyedBuckets;
	private readonly opens: KeyedBuckets;
	private readonly failures: KeyedBuckets;

	constructor({ limits, now, limitLocal = false }: DoorsOptions) {
		this.now = now;
		this.limitLocal = limitLocal;
		this.limits = { ...DOOR_LIMITS, ...limits };
		this.open = new Counts(this.limits.connections);
		this.seats = new Counts(this.limits.seats);
		const buckets = (rate: BucketRate) => new KeyedBuckets(rate, MATCH_LIMITS.addresses);
		this.connects = buckets(this.limits.connects);
		this.joins = buckets(this.limits.joins);
		this.opens = buckets(this.limits.opens);
		this.failures = buckets(this.limits.failures);
	}

	/** A connection is opened; one that is let in must be `closed` once. */
	connect(address: string): Refusal<CloseName> | null {
		const key = this.keyOf(address);
		if (key === null) return null;
		const shut = this.shutFor(key);
		if (shut) return shut;
		if (!this.connects.take(key, this.now())) {
			return refusal("ERR_TOO_MANY_CONNECTIONS", "too many were opened within seconds");
		}
		if (this.open.add(key)) return null;
		return refusal("ERR_TOO_MANY_CONNECTIONS", `${this.limits.connections} are open`);
	}

	/** A connection that is open already, which no limit ends; it must be `closed` once. */
	inherit(address: string): void {
		const key = this.keyOf(address);
		if (key !== null) this.open.add(key, Number.POSITIVE_INFINITY);
	}

	closed(address: string): void {
		const key = this.keyOf(address);
		if (key !== null) this.open.remove(key);
	}

	/** A seat is asked for, by HTTP or by a hello. */
	join(address: string): Refusal | null {
		const key = this.keyOf(address);
		if (key === null) return null;
		const shut = this.shutFor(key);
		if (shut) return shut;
		if (this.seats.of(key) >= this.limits.seats) {
			return refusal("ERR_TOO_MANY_JOINS", `${this.limits.seats} seats are held`);
		}
		if (this.joins.take(key, this.now())) return null;
		return refusal("ERR_TOO_MANY_JOINS", "too many seats were asked for within seconds");
	}

	/** A room would be opened for this address alone. */
	openRoom(address: string): Refusal | null {
		const key = this.keyOf(address);
		if (key === null || this.opens.take(key, this.now())) return null;
		return refusal("ERR_TOO_MANY_JOINS", "too many rooms were opened within seconds");
	}

	/** A seat was taken; it counts until the function is called. */
	seat(address: string): () => void {
		const key = this.keyOf(address);
		if (key === null || !this.seats.add(key)) return () => {};
		let isHeld = true;
		return () => {
			if (isHeld) this.seats.remove(key);
			isHeld = false;
		};
	}

	/** Something was wrong with what came from there; too much of it shuts the door for a while. */
	fail(address: string): void {
		const key = this.keyOf(address);
		if (key !== null) this.failures.take(key, this.now());
	}

	/** What is remembered of all addresses, for those who watch memory. */
	get size(): number {
		const { open, seats, connects, joins, opens, failures } = this;
		return open.size + seats.size + connects.size + joins.size + opens.size + failures.size;
	}

	private shutFor(key: string): Refusal<CloseName> | null {
		if (this.failures.has(key, this.now())) return null;
		return refusal("ERR_TOO_MANY_FAILURES", "see what the first ones were refused for");
	}

	/** Null for who is not limited. */
	private keyOf(address: string): string | null {
		if (!this.limitLocal && isLoopbackAddress(address)) return null;
		return customerOf(address);
	}
}
