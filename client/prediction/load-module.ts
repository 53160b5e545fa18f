/**
 * Gives a module, compiled or as its sealed bytes: `hash` is the SHA-256 that the server told, `url` the
 * room's.
 */
export type LoadModule = (url: string, hash: string) => Promise<BufferSource | WebAssembly.Module>;

/** Address of a module on the server of a room: the same host and port, by HTTP. */
function moduleAddress(url: string, hash: string): string {
	const address = new URL(`/modules/${hash}.wasm`, url);
	address.protocol = address.protocol === "wss:" ? "https:" : "http:";
	return address.href;
}

function hex(bytes: ArrayBuffer): string {
	return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Fetches a module from the room's server. @throws Error when it is not there or not the one */
export const fetchModule: LoadModule = async (url, hash) => {
	const response = await fetch(moduleAddress(url, hash));
	if (!response.ok) throw new Error(`the server answers ${response.status} for its module`);
	const bytes = await response.arrayBuffer();
	// pages that are not secure have no subtle; there the bytes are as trusted as the page itself
	const subtle = globalThis.crypto?.subtle;
	if (subtle && hex(await subtle.digest("SHA-256", bytes)) !== hash) {
		throw new Error("the module has another hash than the room's");
	}
	return bytes;
};
