import { socketAddress } from "../connection/transport.ts";

/**
 * Gives a module, compiled or as its sealed bytes: `hash` is the SHA-256 that the server told, `url` the
 * room's.
 */
export type LoadModule = (url: string, hash: string) => Promise<BufferSource | WebAssembly.Module>;

/**
 * Where a module may be on the server of a room, by HTTP: beside the room's address, below it, or at the
 * root. A proxy may give several servers a path each, and nobody says which part of an address that is.
 */
function moduleAddresses(url: string, hash: string): string[] {
	const room = new URL(socketAddress(url));
	room.protocol = room.protocol === "wss:" ? "https:" : "http:";
	room.search = "";
	const below = new URL(room.href.endsWith("/") ? room.href : `${room.href}/`);
	const file = `modules/${hash}.wasm`;
	const all = [new URL(file, room), new URL(file, below), new URL(`/${file}`, room)];
	return [...new Set(all.map(({ href }) => href))];
}

/** The first answer that is one, else the last. */
async function fetchFirst(addresses: readonly string[]): Promise<Response> {
	let last: Response | null = null;
	for (const address of addresses) {
		last = await fetch(address);
		if (last.ok) break;
	}
	if (!last) throw new Error("a module has no address");
	return last;
}

function hex(bytes: ArrayBuffer): string {
	return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Fetches a module from the room's server. @throws Error when it is not there or not the one */
export const fetchModule: LoadModule = async (url, hash) => {
	const response = await fetchFirst(moduleAddresses(url, hash));
	if (!response.ok) throw new Error(`the server answers ${response.status} for its module`);
	const bytes = await response.arrayBuffer();
	// pages that are not secure have no subtle; there the bytes are as trusted as the page itself
	const subtle = globalThis.crypto?.subtle;
	if (subtle && hex(await subtle.digest("SHA-256", bytes)) !== hash) {
		throw new Error("the module has another hash than the room's");
	}
	return bytes;
};
