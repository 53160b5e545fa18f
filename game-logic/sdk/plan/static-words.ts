import { type ScalarName, writeScalar } from "../../../protocol/schema/scalar.ts";

/** The address of something in the plan, by its name there. */
interface Pointer {
	readonly at: string;
}

/** What a u32 word of a static struct holds. */
export type Word = number | Pointer;

/** Bytes that never change: a struct of the descriptor, or a name that it points to. */
export type Constant =
	| { readonly name: string; readonly words: readonly Word[] }
	/** Its UTF-8 bytes, and a 0 behind them. */
	| { readonly name: string; readonly text: string };

/** The constants of a module; each is named after those that it points to. */
export class Constants {
	private readonly texts = new Map<string, Pointer>();
	readonly list: Constant[] = [];

	/** A name, such as "ship" or "x": it exists once in the module. */
	text(text: string): Pointer {
		let pointer = this.texts.get(text);
		if (pointer === undefined) {
			pointer = { at: `name$${this.texts.size}` };
			this.texts.set(text, pointer);
			this.list.push({ name: pointer.at, text });
		}
		return pointer;
	}

	optionalText(text: string | null): Word {
		return text === null ? 0 : this.text(text);
	}

	/** 0 for no words. */
	struct(name: string, words: readonly Word[]): Word {
		if (words.length === 0) return 0;
		this.list.push({ name, words });
		return { at: name };
	}
}

/** Places values at byte offsets of a struct of `size` bytes and gives its words. */
export class Struct {
	private readonly bytes: DataView;
	private readonly pointers = new Map<number, Pointer>();

	constructor(size: number) {
		this.bytes = new DataView(new ArrayBuffer(size));
	}

	put(offset: number, type: ScalarName, value: number): this {
		writeScalar(this.bytes, offset, type, value);
		return this;
	}

	point(offset: number, word: Word): this {
		if (typeof word === "number") this.put(offset, "u32", word);
		else this.pointers.set(offset, word);
		return this;
	}

	words(): Word[] {
		const words: Word[] = [];
		for (let offset = 0; offset < this.bytes.byteLength; offset += 4) {
			words.push(this.pointers.get(offset) ?? this.bytes.getUint32(offset, true));
		}
		return words;
	}
}
