import { EDIT, type EditList } from "../write/edit-list.ts";
import { FUEL, fuelOf, WEIGHT } from "./fuel-costs.ts";

/**
 * Regions of a function: pieces of code, each with one charge at its head for all that is in it.
 * The function is one, each loop is one, and so is what follows a branch or lies in an arm of an
 * `if`, when it is long enough. A short piece is charged with the region around it, taken or not.
 *
 * That covers every path: execution reaches an instruction only through the head of its region, and
 * cannot reach it again without passing the head again, since only loops branch backwards.
 */
export class RegionStack {
	private readonly edits: EditList;
	/** Edits of the regions that are open, innermost last; the function's own has none. */
	private readonly open: number[] = [];
	private own = 0;

	constructor(edits: EditList) {
		this.edits = edits;
	}

	enterFunction(): void {
		this.open.length = 0;
		this.own = 0;
	}

	/** How many are open: a block notes it, to return to it at its end. */
	get depth(): number {
		return this.open.length;
	}

	/** Weight of the code that is in no other region. */
	get ownWeight(): number {
		return this.own;
	}

	enter(at: number, kind: typeof EDIT.loop | typeof EDIT.branch): void {
		this.open.push(this.edits.add(at, kind, kind === EDIT.loop ? WEIGHT.loop : 0));
	}

	/** Ends regions until `depth` are open. */
	leave(depth: number): void {
		const { edits, open } = this;
		while (open.length > depth) {
			const edit = open.pop() as number;
			const weight = edits.value(edit);
			const fuel = fuelOf(weight);
			if (edits.kind(edit) === EDIT.loop || fuel >= FUEL.ownRegion) {
				edits.setValue(edit, fuel);
			} else {
				edits.setValue(edit, 0);
				this.charge(weight);
			}
		}
	}

	charge(weight: number): void {
		const { edits, open } = this;
		const innermost = open[open.length - 1];
		if (innermost === undefined) this.own += weight;
		else edits.setValue(innermost, edits.value(innermost) + weight);
	}
}
