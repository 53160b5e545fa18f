import type { Peer, Result } from "./result.ts";

export const HEADER = `${"measurement".padEnd(16)}${"value".padStart(10)} ${"unit".padEnd(18)}${"spread".padStart(7)}  goal`;

function peerLine({ name, value, unit }: Peer): string {
	return `${`  ${name}`.padEnd(26)}${String(value).padStart(10)} ${unit}`;
}

/** A result as lines for people: itself, and its peers below. */
export function formatResult({ id, value, unit, spread, peers, goal, met }: Result): string {
	const verdict = goal === null ? "" : `≤ ${goal} ${met ? "met" : "MISSED"}`;
	const percent = `${(spread * 100).toFixed(0)} %`.padStart(7);
	const own = `${id.padEnd(16)}${String(value).padStart(10)} ${unit.padEnd(18)}${percent}  ${verdict}`;
	return [own.trimEnd(), ...peers.map(peerLine)].join("\n");
}
