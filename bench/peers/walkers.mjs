// How entities move, the same law as in the fixture games (bench/games): constant speed, a heading that
// wanders, walls that throw them back.
const WORLD = 1024;
const SPEED = 60;
const TAU = 2 * Math.PI;
/** Turning changes so often, in updates on average, and is this fast at most, in radians per second. */
const TURN_EVERY = 20;
const TURN = 1.5;

export function spawn(walker) {
	walker.x = Math.random() * WORLD;
	walker.y = Math.random() * WORLD;
	walker.angle = Math.random() * TAU;
	walker.turn = (Math.random() * 2 - 1) * TURN;
}

export function walk(walker, dt) {
	if (Math.random() * TURN_EVERY < 1) walker.turn = (Math.random() * 2 - 1) * TURN;
	let angle = walker.angle + walker.turn * dt;
	let x = walker.x + Math.cos(angle) * SPEED * dt;
	let y = walker.y + Math.sin(angle) * SPEED * dt;
	if (x < 0 || x > WORLD) {
		angle = Math.PI - angle;
		x = Math.min(Math.max(x, 0), WORLD);
	}
	if (y < 0 || y > WORLD) {
		angle = -angle;
		y = Math.min(Math.max(y, 0), WORLD);
	}
	walker.x = x;
	walker.y = y;
	walker.angle = ((angle % TAU) + TAU) % TAU;
}
