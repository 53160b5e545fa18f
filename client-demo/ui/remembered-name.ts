const KEY = "hotstep.name";

/** The name that was played under last. Storage may be blocked: then nothing is remembered. */
export function recallName(): string {
	try {
		return localStorage.getItem(KEY) ?? "";
	} catch {
		return "";
	}
}

export function rememberName(name: string): void {
	try {
		localStorage.setItem(KEY, name);
	} catch {
		// the name has to be typed again next time
	}
}
