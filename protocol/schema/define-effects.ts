import { LIMITS } from "../limits.ts";
import type { ScalarType } from "./column.ts";
import type { RecordSpec } from "./define-game.ts";

type Fields = Record<string, ScalarType>;

/** What the rules ask the outside world: what they tell it, and what it answers. */
interface RequestSource {
	ask?: Fields;
	answer: Fields;
}

/** What leaves the rules for the world outside. */
export interface EffectSources {
	/** What is to be kept of a match: goes to the `result` hook and to webhooks. */
	results?: Record<string, Fields>;
	/** What a hook is asked; its answer comes back through the inbox. */
	requests?: Record<string, RequestSource>;
}

/** A result, or with an answer a request. */
export interface EffectSpec extends RecordSpec {
	readonly name: string;
	/** Null for a result. */
	readonly answer: RecordSpec | null;
}

/** How `defineGame` checks; `check` throws with the given problem. */
interface Checks {
	check(condition: boolean, problem: string): void;
	checkName(name: string, where: string): void;
	checkParts(source: unknown, parts: readonly string[] | null, where: string): void;
	readRecord(source: Fields, where: string): RecordSpec;
	/** Names that a parameter or a member cannot have. */
	taken: ReadonlySet<string>;
}

/** What an answer has beside its fields. */
const TAKEN_BY_ANSWER: ReadonlySet<string> = new Set("ok askedAt constructor".split(" "));

/** Reads results and requests: one list, in which the number of each is its place. */
export function readEffects(
	{ results = {}, requests = {} }: EffectSources,
	tables: readonly { readonly name: string }[],
	checks: Checks,
): EffectSpec[] {
	const { check, checkName, checkParts, readRecord, taken } = checks;
	const read = (fields: Fields, where: string, alsoTaken: ReadonlySet<string>): RecordSpec => {
		const record = readRecord(fields, where);
		for (const { name } of record.fields) {
			check(
				!taken.has(name) && !alsoTaken.has(name),
				`${where}: the name "${name}" is taken, choose another`,
			);
		}
		return record;
	};
	const none: ReadonlySet<string> = new Set();
	checkParts(results, null, "results");
	checkParts(requests, null, "requests");
	const effects: EffectSpec[] = Object.entries(results).map(([name, fields]) => {
		checkName(name, "results");
		return { name, ...read(fields, `results.${name}`, none), answer: null };
	});
	for (const [name, source] of Object.entries(requests)) {
		checkName(name, "requests");
		const where = `requests.${name}`;
		checkParts(source, ["ask", "answer"], where);
		const answer = read(source.answer, `${where}.answer`, TAKEN_BY_ANSWER);
		effects.push({ name, ...read(source.ask ?? {}, `${where}.ask`, none), answer });
	}
	check(
		effects.length <= LIMITS.effects,
		`a game has at most ${LIMITS.effects} results and requests`,
	);
	const isTable = (name: string): boolean => tables.some((table) => table.name === name);
	for (const { name, answer } of effects) {
		const twins = effects.filter((e) => e.name === name || e.name === `${name}Of`);
		check(
			twins.length === 1,
			`results and requests: the name "${name}" or "${name}Of" is there twice`,
		);
		check(name !== "constructor", 'results and requests: the name "constructor" is taken');
		const own = `${name}Answer`;
		check(answer === null || !isTable(own), `tables: the name "${own}" is taken by a request`);
	}
	for (const own of effects.length > 0 ? ["result", "request"] : []) {
		check(!isTable(own), `tables: the name "${own}" is taken, choose another`);
	}
	return effects;
}
