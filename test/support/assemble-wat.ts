import wabt from "wabt";

/** Bytes of a module written as WebAssembly text. */
export async function assembleWat(
	text: string,
	name = "test.wat",
): Promise<Uint8Array<ArrayBuffer>> {
	const { parseWat } = await wabt();
	const module = parseWat(name, text);
	try {
		return new Uint8Array(module.toBinary({ write_debug_names: true }).buffer);
	} finally {
		module.destroy();
	}
}
