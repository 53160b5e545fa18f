import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SERVER_LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";

/** Where a server listens. */
export interface ServerAddress {
	host: string;
	port: number;
	url: string;
}

/** Listens; what cannot be accepted later is logged. Rejects, when everything is closed again, if the port is taken. */
export async function listenOn(
	http: Server,
	port: number,
	host = "127.0.0.1",
	log: Log,
	close: () => Promise<void>,
): Promise<ServerAddress> {
	try {
		await new Promise<void>((resolve, reject) => {
			http.once("error", reject);
			http.listen(port, host, () => {
				http.off("error", reject);
				resolve();
			});
		});
	} catch (thrown) {
		await close();
		throw thrown;
	}
	http.on("error", ({ code, message }: NodeJS.ErrnoException) => {
		log("error", "cannot accept", { error: code, detail: message, hint: "see ulimit -n" });
	});
	const { address, family, port: taken } = http.address() as AddressInfo;
	const shown = family === "IPv6" ? `[${address}]` : address;
	return { host: address, port: taken, url: `http://${shown}:${taken}` };
}

/** Waits for what is being answered, for a while. */
export async function closeHttp(http: Server): Promise<void> {
	const closed = new Promise<void>((resolve) => {
		http.close(() => resolve());
	});
	const cut = setTimeout(() => http.closeAllConnections(), SERVER_LIMITS.shutdownMs);
	http.closeIdleConnections();
	await closed;
	clearTimeout(cut);
}
