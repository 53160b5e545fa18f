import type { Room } from "../../../client/room.ts";
import type { CloseName } from "../../../protocol/errors.ts";
import type { World } from "../../../testing/index.ts";
import { insist } from "./insist.ts";

/** What a line that was cut, or a seat that was lost, may end in. Anything else is a bug. */
const EXPECTED_DROPS: readonly CloseName[] = [
	"ERR_HEARTBEAT_TIMEOUT",
	"ERR_HELLO_TIMEOUT",
	"ERR_ROOM_FULL",
	"ERR_ROOM_UNKNOWN",
	"ERR_SEAT_TAKEN",
];
/** And what rules that fail, or want to be rid of a player, lead to. */
const FRAIL_DROPS: readonly CloseName[] = ["ERR_ROOM_FAULT", "ERR_KICKED"];
/** What the clients themselves say. */
const ENDINGS: readonly string[] = ["LEFT", "ERR_NETWORK", "ERR_CONNECT_TIMEOUT"];

interface Expectations {
	readonly isFrail: boolean;
	/** The server's clock or process stood still: ticks may have been left out. */
	readonly isDisturbed: boolean;
}

/** Once the world has settled, every client that is there has exactly what the server would show it. */
export function checkViews(
	world: World,
	clients: readonly Room[],
	{ isFrail, isDisturbed }: Expectations,
): number {
	const expected: ReadonlySet<string> = new Set(
		isFrail ? [...EXPECTED_DROPS, ...FRAIL_DROPS] : EXPECTED_DROPS,
	);
	let rows = 0;
	const seats = new Set<string>();
	for (const client of clients) {
		insist(client.decodeErrors === 0, `${client.decodeErrors} messages did not decode`);
		if (client.status === "closed") {
			const { ending, reconnects } = client;
			const name = ending?.name ?? "nothing";
			const isExpected = ENDINGS.includes(name) || expected.has(name);
			insist(isExpected, `a client ended with ${name} after ${reconnects} reconnects`);
			continue;
		}
		checkView(world, client);
		if (client.player >= 0) {
			const seat = `${client.id} ${client.player}`;
			insist(!seats.has(seat), `two clients sit on seat ${seat}`);
			seats.add(seat);
		}
		for (const { gen, used } of client.received ?? []) {
			for (let row = 0; row < used; row++) if (gen[row] !== 0) rows++;
		}
	}
	for (const { counters, tick } of world.directory.rooms.values()) {
		insist(isDisturbed || counters.droppedTicks === 0, "ticks were dropped");
		insist(counters.ticks === tick, "ticks were counted wrongly");
	}
	for (const [name, times] of world.counters.drops) {
		insist(expected.has(name), `${times} clients were dropped with ${name}`);
	}
	return rows;
}

function checkView(world: World, client: Room): void {
	const wrong = world.differences(client);
	insist(wrong.length === 0, `a client's view differs: ${wrong.slice(0, 5).join("; ")}`);
	const room = world.serverRoomOf(client);
	insist(room !== null, "a playing client has no room");
	insist(client.moduleHash === room.game.hash, "a client has other rules than its room");
	const names = (all: Iterable<[number, string]>): string =>
		JSON.stringify([...all].sort(([a], [b]) => a - b));
	const there = [...room.players.values()]
		.filter((player) => !player.isLeaving)
		.map((player): [number, string] => [player.number, player.name]);
	insist(names(client.roster) === names(there), "a client's roster differs");
}
