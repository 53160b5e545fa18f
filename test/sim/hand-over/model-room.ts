/** An input of a player: the nth that it sent. */
export interface ModelInput {
	readonly player: number;
	readonly n: number;
}

/** The state of a room whose rules mix everything they are fed into one number. */
export interface ModelImage {
	/** The tick computed next. */
	readonly tick: number;
	readonly hash: number;
}

export const FIRST_IMAGE: ModelImage = { tick: 0, hash: 0x811c9dc5 };

function mix(hash: number, value: number): number {
	const mixed = Math.imul(hash ^ value, 0x01000193);
	return (mixed ^ (mixed >>> 15)) >>> 0;
}

export function step({ tick, hash }: ModelImage, inbox: readonly ModelInput[]): ModelImage {
	let next = mix(hash, tick);
	for (const { player, n } of inbox) next = mix(mix(next, player), n);
	return { tick: tick + 1, hash: next };
}

/** Inputs that wait, by player; each tick takes one of each. */
export type ModelRings = number[][];

export function takeInbox(rings: ModelRings): ModelInput[] {
	return rings.flatMap((ring, player) => {
		const n = ring.shift();
		return n === undefined ? [] : [{ player, n }];
	});
}
