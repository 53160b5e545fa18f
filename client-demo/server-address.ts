/** Address of the server: `?server=` of the page, else the page's own host; null if it is none. */
export function serverAddress({ protocol, host, search }: Location): string | null {
	const wanted = new URLSearchParams(search).get("server");
	if (wanted === null) return `${protocol === "https:" ? "wss" : "ws"}://${host}`;
	const address = URL.parse(wanted);
	return address?.protocol === "ws:" || address?.protocol === "wss:" ? wanted : null;
}
