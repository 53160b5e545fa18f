import { SeededRandom } from "../../protocol/seeded-random.ts";

export const ROCK_CORNERS = 13;
export const ROCK_CRATERS = 4;
/** Numbers of a rock: corner x, y …, crater x, y, radius …, spin. A radius of 1 is the rules' own. */
const CRATERS_AT = ROCK_CORNERS * 2;
const SPIN_AT = CRATERS_AT + ROCK_CRATERS * 3;
const STRIDE = SPIN_AT + 1;

/**
 * How each rock looks and turns. It follows from slot and generation, so every page shows the same rock,
 * and is worked out once for each occupant of a slot.
 */
export class RockShapes {
	private gen = new Uint16Array(0);
	private numbers = new Float32Array(0);

	/** Makes room for the rows of a table; what is known stays valid. */
	fit(capacity: number): void {
		if (this.gen.length >= capacity) return;
		this.gen = new Uint16Array(capacity);
		this.numbers = new Float32Array(capacity * STRIDE);
	}

	/** Sees to it that the numbers of a row are those of its occupant. */
	prepare(row: number, gen: number): void {
		if (this.gen[row] === gen) return;
		this.gen[row] = gen;
		const random = new SeededRandom(row * 65_537 + gen).next;
		const at = row * STRIDE;
		for (let corner = 0; corner < ROCK_CORNERS; corner++) {
			const angle = ((corner + (random() - 0.5) * 0.6) / ROCK_CORNERS) * Math.PI * 2;
			const reach = 0.82 + 0.3 * random();
			this.numbers[at + corner * 2] = Math.cos(angle) * reach;
			this.numbers[at + corner * 2 + 1] = Math.sin(angle) * reach;
		}
		for (let crater = 0; crater < ROCK_CRATERS; crater++) {
			const angle = ((crater + random()) / ROCK_CRATERS) * Math.PI * 2;
			const away = 0.2 + 0.42 * random();
			const to = at + CRATERS_AT + crater * 3;
			this.numbers[to] = Math.cos(angle) * away;
			this.numbers[to + 1] = Math.sin(angle) * away;
			this.numbers[to + 2] = 0.07 + 0.13 * random();
		}
		this.numbers[at + SPIN_AT] = (random() - 0.5) * 1.5;
	}

	cornerX(row: number, corner: number): number {
		return this.numbers[row * STRIDE + corner * 2] as number;
	}

	cornerY(row: number, corner: number): number {
		return this.numbers[row * STRIDE + corner * 2 + 1] as number;
	}

	craterX(row: number, crater: number): number {
		return this.numbers[row * STRIDE + CRATERS_AT + crater * 3] as number;
	}

	craterY(row: number, crater: number): number {
		return this.numbers[row * STRIDE + CRATERS_AT + crater * 3 + 1] as number;
	}

	craterRadius(row: number, crater: number): number {
		return this.numbers[row * STRIDE + CRATERS_AT + crater * 3 + 2] as number;
	}

	/** Radians per second. */
	spin(row: number): number {
		return this.numbers[row * STRIDE + SPIN_AT] as number;
	}
}
