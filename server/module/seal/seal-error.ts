/** Where in the file the problem is. */
import type { SealErrorName } from "../../../protocol/errors.ts";
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
export class SealError extends Error {
	readonly error: SealErrorName;
	readonly place: Place;
	constructor(error: SealErrorName, detail: string, place: Place) {
		super(detail);
		this.error = error;
		this.place = place;
	}
}
