/** Address of the server: `?server=` of the page, else where the page itself is; null if it is none. */
export function serverAddress({ href, search }: Pick<Location, "href" | "search">): string | null {
	const wanted = new URLSearchParams(search).get("server");
	if (wanted !== null) {
		const address = URL.parse(wanted);
		return address?.protocol === "ws:" || address?.protocol === "wss:" ? wanted : null;
	}
	const own = new URL(".", href);
	own.protocol = own.protocol === "https:" ? "wss:" : "ws:";
	return own.href;
}
