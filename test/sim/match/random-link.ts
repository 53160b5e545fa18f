import type { ClientLink, Link, SeededRandom } from "../../../testing/index.ts";

/** A line as people have them, from a wire in the same house to a train. */
export function randomLink(random: SeededRandom): Link {
	if (random.chance(0.2)) return { delayMs: random.between(0, 5) };
	return {
		delayMs: random.between(2, 150),
		jitterMs: random.between(0, 80),
		stallsPerSecond: random.chance(0.5) ? random.between(0, 1) : 0,
		stallMs: random.between(50, 1_200),
		bytesPerSecond: random.pick([Number.POSITIVE_INFINITY, 200_000, 30_000, 8_000]),
		sendBufferBytes: random.pick([8_192, 65_536]),
		receiveBufferBytes: random.pick([8_192, 65_536]),
		down: random.chance(0.2) ? { delayMs: random.between(0, 300) } : {},
	};
}

/** Something that happens to a line. `later` plans what ends it. */
export function troubleLine(
	link: ClientLink,
	random: SeededRandom,
	later: (ms: number, run: () => void) => void,
): void {
	switch (random.below(7)) {
		case 0:
			return link.stall(random.between(50, 4_000));
		case 1:
			return link.cut();
		case 2:
			// the server learns of it later than the client comes back
			return link.cut({ serverMs: random.between(300, 6_000) });
		case 3:
			// nobody tells the server: its pings have to find out
			return link.cut({ serverMs: Number.POSITIVE_INFINITY });
		case 4:
			// the client is told last: the server has given the seat up perhaps
			return link.cut({ clientMs: random.between(300, 6_000) });
		case 5:
			return link.outage(random.between(300, 6_000));
		default:
			link.stopReading();
			later(random.between(100, 6_000), () => link.read());
	}
}
