const MARK = "jump:";

/**
 * Tables whose `jump()` the rules call although the layout has no column to count in: the call was left as an
 * import of that name, which the linker drops where nobody makes it.
 */
export function jumpCalls(wasm: Uint8Array): string[] {
	let module: WebAssembly.Module;
	try {
		module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
	} catch {
		// whoever loads it says what is wrong with it
		return [];
	}
	return WebAssembly.Module.imports(module)
		.filter((one) => one.module === "hotstep" && one.name.startsWith(MARK))
		.map(({ name }) => name.slice(MARK.length));
}
