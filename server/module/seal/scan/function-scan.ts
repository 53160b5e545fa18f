/** What the scanner found out about one function. */
export interface FunctionScan {
	/** Index in the module, imports counted. */
	readonly index: number;
	readonly type: number;
	/** The body in the raw file: local declarations from `start`, code from `code` to `end`. */
	readonly start: number;
	readonly code: number;
	readonly end: number;
	/** Groups of declared locals; they lie from `groups` to `code`. */
	readonly groupCount: number;
	readonly groups: number;
	/** Parameters and locals. */
	readonly locals: number;
	/** Fuel for one pass of the code outside loops. */
	readonly cost: number;
	/** An upper bound of the stack bytes that a call takes in an engine. */
	readonly frameBytes: number;
	/** Its edits in the list, from `firstEdit` up to `endEdit`. */
	readonly firstEdit: number;
	readonly endEdit: number;
	readonly loops: number;
	/** True when a branch or `return` leaves the function before its end. */
	readonly leavesEarly: boolean;
}
