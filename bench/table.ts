import type { Check, Failure, Peer, Result } from "./result.ts";

export const HEADER = `${"measurement".padEnd(16)}${"value".padStart(10)} ${"unit".padEnd(18)}${"spread".padStart(7)}  goal`;

interface Promised {
	goal: number | null;
	atLeast: boolean;
}

function verdict({ goal, atLeast }: Promised, met: boolean | null): string {
	return goal === null ? "" : `${atLeast ? "≥" : "≤"} ${goal} ${met ? "met" : "MISSED"}`;
}

function line(name: string, { value, unit }: Peer, rest = ""): string {
	return `${`  ${name}`.padEnd(40)}${String(value).padStart(10)} ${unit.padEnd(14)}${rest}`.trimEnd();
}

function checkLine(check: Check): string {
	return line(check.name, check, verdict(check, check.met));
}

/** A result as lines for people: itself, its further promises, and its peers below. */
export function formatResult(result: Result): string {
	const { id, value, unit, spread, peers, checks, notMeasured, goal, atLeast } = result;
	const met = goal !== null && (atLeast ? value >= goal : value <= goal);
	const percent = `${(spread * 100).toFixed(0)} %`.padStart(7);
	const own = `${id.padEnd(16)}${String(value).padStart(10)} ${unit.padEnd(18)}${percent}  `;
	return [
		`${own}${verdict(result, met)}`.trimEnd(),
		...checks.map(checkLine),
		...peers.map((peer) => line(peer.name, peer)),
		...notMeasured.map((what) => `  not measured: ${what}`),
	].join("\n");
}

export function formatFailure({ id, failed }: Failure): string {
	return `${id.padEnd(16)}    FAILED  ${failed}`;
}
