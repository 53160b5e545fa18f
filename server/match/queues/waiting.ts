import type { QueueConfig } from "./queue-config.ts";

/** Somebody who waits, or a party that stays together, as the matcher sees them. */
export interface Waiting {
	readonly id: string;
	/** Players: 1, or a party's. */
	readonly size: number;
	readonly rating: number;
	/** Where they would play, the best first; empty: anywhere. */
	readonly regions: readonly string[];
	readonly sinceMs: number;
}

/** Free seats of a match that is being played. */
export interface Opening {
	readonly match: string;
	readonly region: string | null;
	/** Free seats of each team. */
	readonly free: readonly number[];
	/** What those who play there are rated, on average. */
	readonly rating: number;
	readonly sinceMs: number;
}

/** How far from its own rating somebody plays by now. */
export function windowOf({ sinceMs }: Waiting, { window }: QueueConfig, nowMs: number): number {
	const waited = Math.max(0, nowMs - sinceMs) / 1000;
	return Math.min(window.most, window.start + window.perSecond * waited);
}

/** Whether somebody would play in a region by now. */
export function takesRegion(
	{ regions, sinceMs }: Waiting,
	region: string | null,
	{ regionStepMs }: QueueConfig,
	nowMs: number,
): boolean {
	if (region === null || regions.length === 0) return true;
	const at = regions.indexOf(region);
	return at >= 0 && at * regionStepMs <= nowMs - sinceMs;
}

/** A party's rating from those of its members. */
export function ratingOf(
	members: readonly { readonly rating: number | null }[],
	{ partyRating, unrated }: QueueConfig,
): number {
	const ratings = members.map(({ rating }) => rating ?? unrated);
	if (partyRating === "best") return Math.max(...ratings);
	return ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length;
}
