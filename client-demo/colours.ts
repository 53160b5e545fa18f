const cache = new Map<string, string>();

/** A player's own hue, spread by the golden angle so that neighbours differ. */
export function hueOf(player: number): number {
	return (player * 137.508 + 165) % 360;
}

/** CSS colour of a player; made once for each. */
export function colourOf(player: number, lightness = 66, alpha = 1): string {
	const key = `${player}/${lightness}/${alpha}`;
	let colour = cache.get(key);
	if (colour === undefined) {
		colour = `hsl(${hueOf(player)} 85% ${lightness}% / ${alpha})`;
		cache.set(key, colour);
	}
	return colour;
}
