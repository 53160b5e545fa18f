import { LIMITS } from "../limits.ts";

/** Takes a line that a module logs, with its level from 0 (debug) to 3 (error). */
export type LogSink = (level: number, line: string) => void;

/** Everything a module may import. None of it returns a value. */
export const ALLOWED_IMPORTS: ReadonlySet<string> = new Set(["hotstep.log", "env.abort"]);

const utf8 = new TextDecoder();
const utf16 = new TextDecoder("utf-16le");

/** AssemblyScript strings carry their length in bytes in the 4 bytes before them. */
function readAssemblyString(buffer: ArrayBuffer, address: number): string {
	const at = address >>> 0;
	if (at < 4 || at > buffer.byteLength) return "";
	const bytes = Math.min(new DataView(buffer).getUint32(at - 4, true), LIMITS.logLineBytes);
	if (at + bytes > buffer.byteLength) return "";
	return utf16.decode(new Uint8Array(buffer, at, bytes & ~1).slice());
}

/** The functions a module may call. `memory` is asked at each call, since memory can grow. */
export function makeImports(
	memory: () => WebAssembly.Memory | null,
	log: LogSink,
): WebAssembly.Imports {
	return {
		hotstep: {
			log(level: number, address: number, length: number) {
				const buffer = memory()?.buffer;
				const at = address >>> 0;
				const bytes = Math.min(length >>> 0, LIMITS.logLineBytes);
				if (!buffer || at + bytes > buffer.byteLength) return;
				log(level, utf8.decode(new Uint8Array(buffer, at, bytes).slice()));
			},
		},
		env: {
			abort(message: number, file: number, line: number, column: number) {
				const buffer = memory()?.buffer ?? new ArrayBuffer(0);
				const [text, where] = [
					readAssemblyString(buffer, message),
					readAssemblyString(buffer, file),
				];
				const place = where === "" ? "" : ` at ${where}:${line}:${column}`;
				throw new WebAssembly.RuntimeError(`${text || "abort"}${place}`);
			},
		},
	};
}
