import { ANSWER, ANSWER_STATUS } from "../../../../protocol/abi/layout.ts";
import type { EffectSpec } from "../../../../protocol/schema/define-effects.ts";

/** The function of main.ts that takes the answers to a request: \`onProfile\` for \`profile\`. */
export function handlerOf({ name }: EffectSpec): string {
	return `on${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}

function senders(effect: EffectSpec, id: number): string {
	const { name, fields, size } = effect;
	// a "$" where a field has that name already
	const free = (own: string): string => (fields.some((f) => f.name === own) ? `${own}$` : own);
	const [at, player] = ["at", "player"].map(free);
	const stores = fields.map((f) => `\t\tstore<${f.type}>(${at}, ${f.name}, ${f.offset});`);
	const one = (suffix: string, extra: string[], who: string): string => {
		const parameters = [...extra, ...fields.map((f) => `${f.name}: ${f.type}`)];
		return `\tstatic ${name}${suffix}(${parameters.join(", ")}): void {
\t\tconst ${at} = appendEffect(${size}, ${who}, ${id});
\t\tif (${at} == 0) return;
${stores.join("\n")}
\t}`;
	};
	return `${one("", [], "NOBODY")}\n\n${one("Of", [`${player}: i32`], player as string)}`;
}

function answerClass(effect: EffectSpec): string {
	const members = (effect.answer?.fields ?? []).map(
		({ name, type, offset }) => `
\t@inline static get ${name}(): ${type} {
\t\treturn load<${type}>(answer$, ${ANSWER.size + offset});
\t}`,
	);
	return `/** The answer to a \`request.${effect.name}\`, for as long as \`${handlerOf(effect)}\` runs. */
export class ${effect.name}Answer {
\t/** False when there is none: the hook failed or took too long, and all fields are 0. */
\t@inline static get ok(): bool {
\t\treturn load<u16>(answer$, ${ANSWER.status}) == ${ANSWER_STATUS.ok};
\t}

\t/** The tick of the request. */
\t@inline static get askedAt(): u32 {
\t\treturn load<u32>(answer$);
\t}
${members.join("\n")}
}`;
}

/** Results and requests as calls, and answers as classes to read them; nothing for a game without. */
export function emitEffects(effects: readonly EffectSpec[]): string {
	if (effects.length === 0) return "";
	const calls = (asks: boolean): string =>
		effects
			.map((effect, id) => ((effect.answer !== null) === asks ? senders(effect, id) : ""))
			.filter((text) => text !== "")
			.join("\n\n");
	const requests = effects.filter(({ answer }) => answer !== null);
	return `/** Tells the world outside what is to be kept, once; \`…Of\` names the player that it is about. */
export class result {
${calls(false)}
}

/** Asks the world outside; the answer comes in a later tick. \`…Of\` names the player that it is about. */
export class request {
${calls(true)}
}
${
	requests.length === 0
		? ""
		: `
let answer$: usize = 0;

export function openAnswer(at: usize): void {
\tanswer$ = at;
}

${requests.map(answerClass).join("\n\n")}
`
}`;
}
