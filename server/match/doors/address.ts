import { BlockList, isIP, isIPv4 } from "node:net";
import { MATCH_LIMITS } from "../match-limits.ts";

/** Bits of an IPv6 address that one customer has: the rest they choose as they like. */
const CUSTOMER_GROUPS = 4;

/** The eight groups of an IPv6 address without zone. */
function groupsOf(address: string): number[] {
	const [head = "", tail] = address.split("::", 2);
	const read = (text: string): number[] =>
		text === ""
			? []
			: text.split(":").flatMap((part) => {
					if (!part.includes(".")) return [Number.parseInt(part, 16)];
					const [a = 0, b = 0, c = 0, d = 0] = part.split(".").map(Number);
					return [a * 256 + b, c * 256 + d];
				});
	const front = read(head);
	if (tail === undefined) return front;
	const back = read(tail);
	return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
}

/** An address as everybody writes it: IPv4 also where the system says `::ffff:192.0.2.1`. "" for none. */
export function plainAddress(given: string | undefined): string {
	const address = (given ?? "").split("%", 1)[0] as string;
	const kind = isIP(address);
	if (kind !== 6) return kind === 4 ? address : "";
	const groups = groupsOf(address);
	if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
		const [high = 0, low = 0] = groups.slice(6);
		return [high >> 8, high & 255, low >> 8, low & 255].join(".");
	}
	return groups.map((group) => group.toString(16)).join(":");
}

/** Who is limited together: an IPv4 address, or the /64 that one customer has of IPv6. */
export function customerOf(address: string): string {
	const plain = plainAddress(address);
	if (!plain.includes(":")) return plain;
	return `${plain.split(":").slice(0, CUSTOMER_GROUPS).join(":")}::/64`;
}

export function isLoopbackAddress(address: string): boolean {
	const plain = plainAddress(address);
	return plain.startsWith("127.") || plain === "0:0:0:0:0:0:0:1";
}

const WORDS: Readonly<Record<string, readonly string[]>> = {
	loopback: ["127.0.0.0/8", "::1/128"],
	private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
	link: ["169.254.0.0/16", "fe80::/10"],
};

/** A set of addresses and networks. */
export class Networks {
	private readonly list = new BlockList();
	readonly isEmpty: boolean;

	private constructor(networks: readonly { base: string; bits: number }[]) {
		this.isEmpty = networks.length === 0;
		for (const { base, bits } of networks) {
			this.list.addSubnet(base, bits, isIPv4(base) ? "ipv4" : "ipv6");
		}
	}

	/** Reads addresses, networks such as `10.0.0.0/8`, and the words loopback, private, link; or names what is none. */
	static read(words: readonly string[]): Networks | { wrong: string } {
		const networks: { base: string; bits: number }[] = [];
		for (const word of words.flatMap((given) => WORDS[given] ?? [given])) {
			const [address = "", given] = word.split("/", 2);
			const base = plainAddress(address);
			const most = isIPv4(base) ? 32 : 128;
			const bits = given === undefined ? most : Number(given);
			const isBits = given === undefined || (/^\d{1,3}$/.test(given) && bits <= most);
			if (base === "" || !isBits || word.split("/").length > 2) return { wrong: word };
			networks.push({ base, bits });
		}
		if (networks.length > MATCH_LIMITS.networks) return { wrong: `${networks.length} networks` };
		return new Networks(networks);
	}

	has(address: string): boolean {
		const plain = plainAddress(address);
		return plain !== "" && this.list.check(plain, isIPv4(plain) ? "ipv4" : "ipv6");
	}
}

/**
 * Who asks: the peer of the socket, or, where that is a trusted proxy, whom the proxies say they ask for. What
 * stands left of the first address that is no trusted proxy anybody may have written.
 */
export function clientAddress(
	peer: string | undefined,
	forwardedFor: string | undefined,
	trusted: Networks,
): string {
	let client = plainAddress(peer);
	if (forwardedFor === undefined || trusted.isEmpty) return client;
	const chain = forwardedFor.split(",").slice(-MATCH_LIMITS.forwarders);
	while (trusted.has(client)) {
		const said = chain.pop()?.trim();
		if (said === undefined) break;
		// proxies write ports, and brackets around IPv6
		const bare = /^\[(.*)\](?::\d+)?$/.exec(said)?.[1] ?? said.replace(/^([\d.]+):\d+$/, "$1");
		const plain = plainAddress(bare);
		// a proxy that says nothing of use is all that is known
		if (plain === "") break;
		client = plain;
	}
	return client;
}
