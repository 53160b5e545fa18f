import { CALL_PULL, CALL_RADIUS, SCARE_PUSH, SCARE_RADIUS } from "../constants";
import { avatar } from "../generated/layout";
import { near, pushX, pushY, sortedX, sortedY } from "./sorted";

/** Lets every avatar push or pull the agents around it. */
export function feelAvatars(): void {
	for (let a = 0; a < avatar.used; a++) {
		if (!avatar.alive(a)) continue;
		if (avatar.calling[a]) feel(avatar.x[a], avatar.y[a], <f32>CALL_RADIUS, -<f32>CALL_PULL);
		else feel(avatar.x[a], avatar.y[a], <f32>SCARE_RADIUS, <f32>SCARE_PUSH);
	}
}

/** Pushes all agents within `radius` away, the more the nearer; a negative push draws them. */
function feel(x: f32, y: f32, radius: f32, push: f32): void {
	const left = near.column(x - radius);
	const right = near.column(x + radius);
	const last = near.line(y + radius);
	for (let line = near.line(y - radius); line <= last; line++) {
		const end = near.end(right, line);
		for (let k = near.start(left, line); k < end; k++) {
			const dx = sortedX[k] - x;
			const dy = sortedY[k] - y;
			const square = dx * dx + dy * dy;
			if (square >= radius * radius) continue;
			const distance = Mathf.sqrt(square);
			// + 1: no direction, and so no push, where both stand on one point
			const share = ((<f32>1.0 - distance / radius) * push) / (distance + <f32>1.0);
			pushX[k] += dx * share;
			pushY[k] += dy * share;
		}
	}
}
