import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import { type OpenServer, openServer } from "../../server/open-server.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { steadyClock } from "../support/steady-clock.ts";
import { buildVariant, replace } from "../support/variant.ts";

/** Games that go wrong half a second after somebody came, each in a way of its own. */
const VILLAINS: Readonly<Record<string, string>> = {
	"an endless loop": "while (true) {}",
	"an endless fill of memory": "while (true) memory.fill(60000, 1, 4000)",
	"a recursion without end": "dive(1)",
	"a trap": "unreachable()",
	"a write out of bounds": "store<u8>(0x7fffffff, 1)",
	"a division by zero": "dot.player[0] = <u8>(dive(0) / dot.player[0])",
};

let server: OpenServer;
let url: string;
beforeAll(async () => {
	const games = [await moduleFile("dots")];
	for (const [i, code] of Object.values(VILLAINS).entries()) {
		games.push(
			await buildVariant({
				schema: replace('name: "dots"', `name: "villain-${i}"`),
				main: (source) =>
					replace(
						"export function tick(): void {",
						`export function tick(): void {\n\tif (dot.used > 0 && ctx.tick > 30) ${code};`,
					)(source).replace(
						"export function join",
						"function dive(n: i32): i32 {\n\treturn n == 0 ? 7 : dive(n + 1) + 1;\n}\n\nexport function join",
					),
			}),
		);
	}
	server = await openServer({ games, clock: steadyClock() });
	url = (await server.listen(0)).url.replace("http", "ws");
}, 120_000);
afterAll(async () => {
	await server.close();
});

/** Joins and collects the ticks of the snapshots that arrive. */
async function watch(game: string): Promise<{ room: Room; ticks: number[] }> {
	const room = await connect(url, { game, interpolate: false, reconnect: false });
	const ticks: number[] = [];
	room.onSnapshot(({ tick }) => ticks.push(tick));
	return { room, ticks };
}

describe("a room whose rules fail", () => {
	it.each(Object.keys(VILLAINS).map((name, i) => [name, i] as const))(
		"by %s ends by itself, and its neighbour misses no snapshot",
		async (_, i) => {
			const neighbour = await watch("dots");
			await expect.poll(() => neighbour.ticks.length).toBeGreaterThan(5);
			const villain = await watch(`villain-${i}`);
			await expect.poll(() => villain.room.status, { timeout: 20_000 }).toBe("closed");
			expect(villain.room.ending).toEqual({ name: "ERR_ROOM_FAULT", code: 4015 });
			const seen = neighbour.ticks.length;
			await expect.poll(() => neighbour.ticks.length).toBeGreaterThan(seen + 10);
			const gaps = neighbour.ticks.slice(1).map((tick, n) => tick - neighbour.ticks[n]);
			expect(new Set(gaps)).toEqual(new Set([3]));
			neighbour.room.leave();
		},
		60_000,
	);
});
