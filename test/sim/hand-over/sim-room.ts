import { type ModelImage, type ModelInput, type ModelRings, step } from "./model-room.ts";
import type { SimLine } from "./sim-line.ts";

/** A room as a worker has it: running, or a copy that is being made. */
export class SimRoom {
	image: ModelImage;
	rings: ModelRings;
	readonly lines = new Set<SimLine>();
	/** Inputs since the rest was sent; null while the room runs. */
	since: ModelInput[] | null = null;
	nextAtMs = 0;
	isBuilt = false;
	/** Ticks that came before it was built. */
	private waiting: (readonly ModelInput[])[] = [];

	constructor(image: ModelImage, players: number) {
		this.image = image;
		this.rings = Array.from({ length: players }, () => []);
	}

	receive(player: number, n: number): void {
		this.rings[player].push(n);
		this.since?.push({ player, n });
	}

	build(isWrong: boolean): void {
		this.isBuilt = true;
		if (isWrong) this.image = { ...this.image, hash: this.image.hash ^ 1 };
		for (const inbox of this.waiting) this.image = step(this.image, inbox);
		this.waiting = [];
	}

	/** False: it is not built yet, and will run the tick when it is. */
	apply(inbox: readonly ModelInput[]): boolean {
		if (this.isBuilt) this.image = step(this.image, inbox);
		else this.waiting.push(inbox);
		return this.isBuilt;
	}

	rest(): Rest {
		const { image, rings, nextAtMs } = this;
		return { hash: image.hash, rings: rings.map((ring) => [...ring]), nextAtMs };
	}

	/** Reads no line any more; what came since the rest goes with its line, or in the first part. */
	pack(dropsCarried = false): Part[] {
		const lines = [...this.lines].filter((line) => !line.isClosed);
		const since = dropsCarried ? [] : (this.since ?? []);
		for (const line of lines) line.isReading = false;
		this.lines.clear();
		const others = since.filter((input) => !lines.some(({ player }) => player === input.player));
		return [
			{ line: null, inputs: others },
			...lines.map((line) => ({ line, inputs: since.filter((i) => i.player === line.player) })),
		];
	}
}

/** What travels with the messages of a hand-over. */
export interface Rest {
	readonly hash: number;
	readonly rings: ModelRings;
	readonly nextAtMs: number;
}

export interface Part {
	readonly line: SimLine | null;
	readonly inputs: readonly ModelInput[];
}
