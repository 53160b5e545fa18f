import type { FieldSpec, RecordSpec } from "../protocol/schema/define-game.ts";
import { isFloat, type ScalarName, scalarBytes } from "../protocol/schema/scalar.ts";
import type { Random } from "../protocol/seeded-random.ts";
import type { Behaviour, BotView } from "./behaviour.ts";

/** Least and most time that a button stays as it is. */
const HOLD_MS = [150, 1200] as const;
/** A walk's step, as a share of its range, and how often it returns to rest. */
const STEP = 0.25;
const REST = 0.1;

type Play = (view: BotView) => void;

/** Values that a field's walk stays within: all of a small type, a plausible part of a large one. */
function rangeOf(type: ScalarName): [number, number] {
	if (isFloat(type)) return [-1, 1];
	const bits = Math.min(16, scalarBytes(type) * 8);
	return type.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

function holdButton(name: string, random: Random): Play {
	let untilMs = 0;
	return ({ input, nowMs }) => {
		if (nowMs < untilMs) return;
		(input as Record<string, boolean>)[name] = random() < 0.5;
		untilMs = nowMs + HOLD_MS[0] + random() * (HOLD_MS[1] - HOLD_MS[0]);
	};
}

function walk({ name, type }: FieldSpec, random: Random): Play {
	const [least, most] = rangeOf(type);
	const round = isFloat(type) ? (n: number) => n : Math.round;
	let value = Math.max(0, least);
	return ({ input }) => {
		value += (random() * 2 - 1) * STEP * (most - least);
		if (random() < REST) value = 0;
		value = Math.max(least, Math.min(most, value));
		(input as Record<string, number>)[name] = round(value);
	};
}

/** Plays any game by its input's types alone: buttons are held for a while, numbers walk about. */
export function genericBehaviour({ fields }: RecordSpec): Behaviour {
	return {
		thinksPerSecond: 5,
		looks: false,
		create(random) {
			const plays = fields.map((field) =>
				field.type === "bool" ? holdButton(field.name, random) : walk(field, random),
			);
			return (view) => {
				for (const play of plays) play(view);
			};
		},
	};
}
