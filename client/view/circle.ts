/** The distance from one place on a circle to another, at most half its size. */
export function shortWay(from: number, to: number, size = 2 * Math.PI): number {
	const way = to - from;
	return way - size * Math.round(way / size);
}

/** The same place on a circle from `from` up to but not including `from + size`. */
export function inCircle(value: number, size: number, from: number): number {
	const inside = value - size * Math.floor((value - from) / size);
	return inside < from + size ? inside : from;
}
