import type { Game } from "../../protocol/schema/define-game.ts";
import { writeScalar } from "../../protocol/schema/scalar.ts";
import type { InputView, StateView } from "../../protocol/schema/view-types.ts";
import { SeededRandom } from "../../protocol/seeded-random.ts";
import type { WireSchema } from "../../protocol/wire-schema.ts";
import type { Behaviour, BotView } from "../behaviour.ts";
import { genericBehaviour } from "../generic-behaviour.ts";
import type { SharedDecoder } from "./shared-decoder.ts";

/** Runs the behaviour of one bot, and writes the input that it wants. */
export class BehaviourRunner {
	player: number;
	/** The input of one tick; its content changes with each turn of the behaviour. */
	readonly bytes: Uint8Array;
	private readonly view: DataView;
	private readonly fields: WireSchema["input"]["fields"];
	private readonly input: Record<string, number | boolean>;
	private readonly think: (view: BotView) => void;
	private readonly looks: boolean;
	private readonly everyMs: number;
	private nextMs: number;

	constructor(
		schema: WireSchema,
		player: number,
		options: { behaviour: Behaviour | null; seed: number },
		index: number,
	) {
		this.player = player;
		this.fields = schema.input.fields;
		this.bytes = new Uint8Array(schema.input.size);
		this.view = new DataView(this.bytes.buffer);
		this.input = Object.fromEntries(
			this.fields.map(({ name, type }) => [name, type === "bool" ? false : 0]),
		);
		const random = SeededRandom.fork(options.seed, index).next;
		const behaviour = options.behaviour ?? genericBehaviour(schema.input);
		this.think = behaviour.create(random);
		this.looks = behaviour.looks;
		this.everyMs = 1000 / behaviour.thinksPerSecond;
		// bots begin at different moments, as people do
		this.nextMs = performance.now() + random() * this.everyMs;
	}

	/** Thinks when it is time, about what `decoder` holds; without one it goes on as before. */
	thinkIfDue(nowMs: number, decoder: SharedDecoder | null): void {
		if (nowMs < this.nextMs) return;
		this.nextMs = Math.max(nowMs, this.nextMs + this.everyMs);
		if (this.looks && decoder === null) return;
		const state = (this.looks ? decoder?.read(nowMs) : {}) as StateView<Game>;
		const input = this.input as InputView<Game>;
		this.think({ state, player: this.player, input, nowMs });
		for (const { name, type, offset } of this.fields) {
			writeScalar(this.view, offset, type, Number(this.input[name] ?? 0));
		}
	}
}
