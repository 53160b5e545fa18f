/** Why a module was not sealed. `docs/errors.md` explains each name. */
export type SealErrorName =
	| "ERR_MODULE_NOT_WASM"
	| "ERR_MODULE_TOO_LARGE"
	| "ERR_MODULE_MALFORMED"
	| "ERR_MODULE_FEATURE"
	| "ERR_MODULE_LIMIT"
	| "ERR_MODULE_MEMORY"
	| "ERR_MODULE_TABLE"
	| "ERR_MODULE_GLOBAL"
	| "ERR_MODULE_STATE"
	| "ERR_MODULE_IMPORT"
	| "ERR_MODULE_EXPORT"
	| "ERR_MODULE_START_SECTION";

/** Where in the file the problem is. */
export interface Place {
	/** Byte in the raw file. */
	readonly offset: number;
	/** The section's name, "" outside of any. */
	readonly section: string;
	/** Index of the function, counted as the module does (imports first); -1 outside of any. */
	readonly functionIndex: number;
	/** Its name, if the module has one. */
	readonly functionName: string | null;
}

/** Thrown while sealing only; `sealModule` returns it as a value. */
export class Refusal extends Error {
	readonly error: SealErrorName;
	readonly place: Place;
	constructor(error: SealErrorName, detail: string, place: Place) {
		super(detail);
		this.error = error;
		this.place = place;
	}
}
