import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Histogram } from "../../bots/metrics/histogram.ts";
import { Child, ChildError } from "../load/child.ts";
import { type Check, check } from "../result.ts";
import { DIST } from "../root.ts";
import type { PlayerFacts, PlayersOptions, PlayersReport } from "./players-program.ts";

const PROGRAM = path.join(DIST, "bench/machine/players-program.js");
const CONNECT_MS = 180_000;
const ANSWER_MS = 20_000;

/** What all players saw since the last mark. */
export interface Seen {
	readonly players: readonly PlayerFacts[];
	readonly gaps: Histogram;
}

/** The players of one server, in a process of their own. */
export class Players {
	private readonly child: Child;
	private readonly options: PlayersOptions;

	constructor(options: PlayersOptions) {
		this.options = options;
		this.child = new Child("the players", PROGRAM, options);
	}

	/** @throws ChildError when one cannot come in */
	async join(): Promise<void> {
		type Answer = { connected: number; failed: string };
		const { connected, failed } = await this.child.next<Answer>("connected", CONNECT_MS);
		if (failed !== "")
			throw new ChildError(`${connected} of ${this.options.players} came in: ${failed}`);
	}

	async mark(): Promise<void> {
		const answer = this.child.next("marked", ANSWER_MS);
		this.child.send("mark");
		await answer;
	}

	async report(): Promise<Seen> {
		const answer = this.child.next<{ report: PlayersReport }>("report", ANSWER_MS);
		this.child.send("report");
		const { players, gaps: data } = (await answer).report;
		const gaps = new Histogram();
		gaps.merge(data);
		return { players, gaps };
	}

	/** What they see in a stretch of time. */
	async observe(ms: number): Promise<Seen> {
		await this.mark();
		await pause(ms);
		return this.report();
	}

	stop(): Promise<void> {
		return this.child.stop();
	}
}

/** The value below which `part` of them lie. */
export function quantile(values: readonly number[], part: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/** What no player may ever see, whatever happens to the server. */
export function wholeForAll(players: readonly PlayerFacts[]): Check[] {
	const none = (name: string, of: (one: PlayerFacts) => number): Check =>
		check(name, sum(players, of), "", 0);
	return [
		none("ticks shown twice", ({ twice }) => twice),
		none("decode errors", ({ decodeErrors }) => decodeErrors),
	];
}

/** And no disconnect. */
export function noneDisconnected(players: readonly PlayerFacts[]): Check {
	const reconnects = sum(players, (one) => one.reconnects);
	return check("disconnects", reconnects, "", 0);
}

export function sum(players: readonly PlayerFacts[], of: (one: PlayerFacts) => number): number {
	return players.reduce((all, one) => all + of(one), 0);
}
