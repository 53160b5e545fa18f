/** What the seal does at a place in a function's code. */
export const EDIT = {
	/** After a loop's header: charge `value`. */
	loop: 0,
	/** Where code begins that may be passed over: charge `value`, nothing when it is 0. */
	branch: 1,
	/** Before memory.fill, copy, init: charge by the length on the stack. */
	bulk: 2,
	/** Before memory.grow: charge by the pages on the stack. */
	grow: 3,
	/** Before a call of hotstep.log: charge for the host's work. */
	log: 4,
	/** Before a call of function `value`, or -1 - type for an indirect one; and after it. */
	call: 5,
	called: 6,
	/** At a `return` inside `value` blocks. */
	return: 7,
	/** In place of a call of import `value`: a call of what it is in the sealed module. */
	redirect: 8,
} as const;

/** The edits of all functions, in the order of their places; three numbers each, no objects. */
export class EditList {
	private numbers = new Int32Array(3 * 1024);
	length = 0;

	add(at: number, kind: number, value: number): number {
		const base = this.length * 3;
		if (base === this.numbers.length) {
			const grown = new Int32Array(base * 2);
			grown.set(this.numbers);
			this.numbers = grown;
		}
		this.numbers[base] = at;
		this.numbers[base + 1] = kind;
		this.numbers[base + 2] = value;
		return this.length++;
	}

	at(edit: number): number {
		return this.numbers[edit * 3];
	}

	kind(edit: number): number {
		return this.numbers[edit * 3 + 1];
	}

	value(edit: number): number {
		return this.numbers[edit * 3 + 2];
	}

	setValue(edit: number, value: number): void {
		this.numbers[edit * 3 + 2] = value;
	}
}
