const QUARTER_TURN: f32 = 1.5707964;
const EIGHTH_TURN: f32 = 0.7853982;

/**
 * atan2(y, x) to within 0.011 radians, less than half a step of an 8-bit heading, and without a
 * branch: ten thousand headings point everywhere, so every branch would be a coin toss.
 */
// @ts-ignore: decorator
@inline
export function direction(x: f32, y: f32): f32 {
	const side = copysign<f32>(1, x);
	const up = abs(y);
	const r = (x - side * up) / (abs(x) + up + <f32>1e-9);
	const angle = QUARTER_TURN - side * EIGHTH_TURN + (<f32>0.1963 * r * r - <f32>0.9817) * r;
	return copysign(angle, y);
}
