import { type ScalarName, writeScalar } from "../../../protocol/schema/scalar.ts";

/** A number or an AssemblyScript expression, per u32 word of a static struct. */
export type Words = (number | string)[];

/** Names that must exist once in the module, such as the bytes of "ship" or of "x". */
export class StaticData {
	private readonly names = new Map<string, string>();
	readonly lines: string[] = [];

	text(name: string): string {
		let constant = this.names.get(name);
		if (constant === undefined) {
			constant = `name$${this.names.size}`;
			this.names.set(name, constant);
			const bytes = [...new TextEncoder().encode(name), 0].join(", ");
			this.lines.push(`const ${constant} = memory.data<u8>([${bytes}]); // "${name}"`);
		}
		return `<u32>${constant}`;
	}

	optionalText(name: string | null): number | string {
		return name === null ? 0 : this.text(name);
	}

	struct(name: string, words: Words): string {
		if (words.length === 0) return "0";
		this.lines.push(`const ${name} = memory.data<u32>([${words.join(", ")}]);`);
		return `<u32>${name}`;
	}
}

/** Places values at byte offsets of a struct of `size` bytes and gives its words. */
export class Struct {
	private readonly bytes: DataView;
	private readonly pointers = new Map<number, string>();

	constructor(size: number) {
		this.bytes = new DataView(new ArrayBuffer(size));
	}

	put(offset: number, type: ScalarName, value: number): this {
		writeScalar(this.bytes, offset, type, value);
		return this;
	}

	point(offset: number, expression: number | string): this {
		if (typeof expression === "string") this.pointers.set(offset, expression);
		else this.put(offset, "u32", expression);
		return this;
	}

	words(): Words {
		const words: Words = [];
		for (let offset = 0; offset < this.bytes.byteLength; offset += 4) {
			words.push(this.pointers.get(offset) ?? this.bytes.getUint32(offset, true));
		}
		return words;
	}
}
