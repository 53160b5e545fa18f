/** What one number of clients gave. */
export interface Stage {
	readonly clients: number;
	readonly passed: boolean;
	/** Thresholds that were crossed, with their values. */
	readonly why: readonly string[];
	/** This tool was too busy to tell. */
	readonly isToolLimited: boolean;
	readonly gapP99Ms: number;
	readonly snapshotShare: number;
}

/** The answer of a search. */
export interface Capacity {
	/** Most clients that kept the thresholds; 0 when even the fewest did not. */
	readonly clients: number;
	/** What each search found by itself. */
	readonly answers: readonly number[];
	/** Whether two of them agree within `AGREEMENT`. */
	readonly agreed: boolean;
	readonly limitedBy: "server" | "tool" | "max-clients";
	/** Thresholds that the next stage up crossed. */
	readonly why: readonly string[];
	readonly stages: readonly Stage[];
	/** All that in a sentence. */
	readonly answer: string;
}

interface SearchBounds {
	readonly start: number;
	readonly most: number;
	/** Clients come in groups of so many. */
	readonly step: number;
}

/** Two answers agree when the lesser is no more than this below the greater. */
const AGREEMENT = 0.15;
/** The search ends when passing and failing are this close. */
const FINE = 1.08;
/** The second search begins this far around the first one's answer. */
const AROUND = 1.3;

type RunStage = (clients: number) => Promise<Stage>;

/** One search: brackets the edge, then halves the bracket (geometrically, as it began). */
class Searcher {
	readonly stages: Stage[] = [];
	private readonly run: RunStage;
	private readonly bounds: SearchBounds;

	constructor(run: RunStage, bounds: SearchBounds) {
		this.run = run;
		this.bounds = bounds;
	}

	private fit(clients: number): number {
		const { step, most } = this.bounds;
		return Math.min(
			Math.max(step, most - (most % step)),
			Math.max(step, Math.round(clients / step) * step),
		);
	}

	/** A stage that fails is tried again: a single hiccup of the machine is no limit. */
	private async passes(clients: number): Promise<boolean> {
		for (let tries = 0; tries < 2; tries++) {
			const stage = await this.run(clients);
			this.stages.push(stage);
			if (stage.passed) return true;
		}
		return false;
	}

	/** Most clients that pass, searched from `start` in strides of `factor`. */
	async search(start: number, factor: number): Promise<number> {
		let passing = 0;
		let failing = Number.POSITIVE_INFINITY;
		let clients = this.fit(start);
		while (passing === 0 || failing === Number.POSITIVE_INFINITY) {
			if (await this.passes(clients)) passing = clients;
			else failing = clients;
			if (passing === this.fit(this.bounds.most)) return passing;
			const next = failing < Number.POSITIVE_INFINITY ? clients / factor : clients * factor;
			if (passing > 0 && failing < Number.POSITIVE_INFINITY) break;
			if (this.fit(next) === clients) {
				if (failing < Number.POSITIVE_INFINITY) return 0;
				clients += this.bounds.step;
			} else clients = this.fit(next);
		}
		while (failing > passing * FINE && failing - passing > this.bounds.step) {
			let middle = this.fit(Math.sqrt(passing * failing));
			if (middle <= passing) middle = passing + this.bounds.step;
			if (middle >= failing) break;
			if (await this.passes(middle)) passing = middle;
			else failing = middle;
		}
		return passing;
	}

	/** The stage that shows what stops it at `clients`. */
	limitOf(clients: number): Stage | undefined {
		const failed = this.stages.filter((stage) => !stage.passed && stage.clients > clients);
		return failed.reduce<Stage | undefined>(
			(a, b) => (a === undefined || b.clients <= a.clients ? b : a),
			undefined,
		);
	}
}

function closest(answers: readonly number[]): [number, number] {
	const sorted = [...answers].sort((a, b) => a - b);
	let best: [number, number] = [sorted[0], sorted[1]];
	for (let i = 1; i + 1 < sorted.length; i++) {
		const pair: [number, number] = [sorted[i], sorted[i + 1]];
		if (pair[1] * best[0] < best[1] * pair[0]) best = pair;
	}
	return best;
}

function agree([a, b]: readonly [number, number]): boolean {
	return a >= b * (1 - AGREEMENT);
}

function sentence(capacity: Omit<Capacity, "answer">, most: number): string {
	const { clients, answers, agreed, limitedBy, why } = capacity;
	if (clients === 0) return `Not even the fewest clients kept the thresholds: ${why.join(", ")}.`;
	const twice = agreed ? "" : ` The searches do not agree (${answers.join(", ")}): measure again.`;
	if (limitedBy === "max-clients")
		return `${clients} clients or more: the search ended at ${most}.`;
	if (limitedBy === "tool") {
		return `At least ${clients} clients: a lower bound, since this tool was the bottleneck beyond (${why.join(", ")}).${twice}`;
	}
	return `${clients} clients. Beyond, the server did not keep ${why.join(", ")}.${twice}`;
}

/**
 * Searches for the most clients whose stage passes: by doubling and halving the bracket, then once
 * more around the answer, and a third time if the two do not agree.
 */
export async function searchCapacity(run: RunStage, bounds: SearchBounds): Promise<Capacity> {
	const searcher = new Searcher(run, bounds);
	const answers = [await searcher.search(bounds.start, 2)];
	const isAtMost = (): boolean => (answers.at(-1) as number) + bounds.step > bounds.most;
	while (answers[0] !== 0 && !isAtMost() && answers.length < 3) {
		answers.push(await searcher.search(answers[0] / AROUND, AROUND ** 1.5));
		if (agree(closest(answers))) break;
	}
	const pair: [number, number] =
		answers.length > 1 ? closest(answers) : [answers[0] ?? 0, answers[0] ?? 0];
	const clients = pair[0];
	const limit = clients === 0 ? searcher.stages.at(-1) : searcher.limitOf(clients);
	const found = {
		clients,
		answers,
		agreed: agree(pair),
		limitedBy: limit === undefined ? "max-clients" : limit.isToolLimited ? "tool" : "server",
		why: limit?.why ?? [],
		stages: searcher.stages,
	} as const;
	return { ...found, answer: sentence(found, bounds.most) };
}
