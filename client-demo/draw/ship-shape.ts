/** Outlines of a ship in multiples of its radius, nose along +x. */
function outline(points: readonly (readonly [number, number])[]): Path2D {
	const path = new Path2D();
	for (const [x, y] of points) path.lineTo(x, y);
	path.closePath();
	return path;
}

function mirrored(points: readonly (readonly [number, number])[]): Path2D {
	const path = outline(points);
	path.addPath(outline(points.map(([x, y]) => [x, -y] as const)));
	return path;
}

export const HULL = outline([
	[1.42, 0],
	[0.5, 0.28],
	[-0.5, 0.42],
	[-0.82, 0.24],
	[-0.82, -0.24],
	[-0.5, -0.42],
	[0.5, -0.28],
]);

export const WINGS = mirrored([
	[0.42, 0.3],
	[-0.42, 1.02],
	[-1.04, 1.12],
	[-0.72, 0.34],
]);

export const COCKPIT = outline([
	[0.82, 0],
	[0.4, 0.15],
	[0.02, 0],
	[0.4, -0.15],
]);

/** Where the flame leaves. */
export const NOZZLE = -0.8;
