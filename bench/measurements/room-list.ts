import { SeededRandom } from "../../protocol/seeded-random.ts";
import { diffRooms } from "../../server/match/lobby/diff-rooms.ts";
import type { Listing } from "../../server/match/lobby/listing.ts";
import { RoomIndex } from "../../server/match/lobby/room-index.ts";
import { readRoomQuery } from "../../server/match/lobby/room-query.ts";
import { median, spreadOf } from "../measure.ts";
import { judge, type Measurement } from "../result.ts";

const ROOMS = 5_000;
const ROUNDS = 60;

function listing(i: number, random: SeededRandom): Listing {
	return {
		id: `room-${i}`,
		game: "arena",
		version: 1,
		players: random.below(9),
		maxPlayers: 8,
		locked: random.chance(0.1),
		password: false,
		metadata: { mode: random.pick(["ctf", "koth", "tdm"]), level: random.below(10), map: "m7" },
		openedMs: i,
	};
}

function timed(run: () => void): number {
	const startMs = performance.now();
	run();
	return performance.now() - startMs;
}

export const roomList: Measurement = {
	id: "room-list",
	about: `GET /rooms?where=mode:ctf,level>=3&sort=-players,level&limit=100 over ${ROOMS} rooms, with its JSON`,
	async run() {
		const random = new SeededRandom(1);
		const index = new RoomIndex();
		for (let i = 0; i < ROOMS; i++) index.put(listing(i, random));
		const given = { game: "arena", sort: "-players,level", limit: "100" };
		const some = { ...given, where: "mode:ctf,level>=3" };
		const answers: number[] = [];
		const everything: number[] = [];
		const diffs: number[] = [];
		for (let round = -10; round < ROUNDS; round++) {
			const ask = (what: typeof given) => {
				const query = readRoomQuery(what);
				if ("problem" in query) throw new Error(query.problem);
				return index.find(query);
			};
			const answerMs = timed(() => void JSON.stringify(ask(some)));
			const everythingMs = timed(() => void JSON.stringify(ask(given)));
			const before = ask(given);
			index.put(listing(random.below(ROOMS), random));
			const diffMs = timed(() => void diffRooms(before, ask(given)));
			if (round < 0) continue;
			answers.push(answerMs);
			everything.push(everythingMs);
			diffs.push(diffMs);
		}
		return judge({
			id: this.id,
			value: median(answers),
			unit: "ms",
			spread: spreadOf(answers),
			goal: 5,
			peers: [
				{ name: "all of the game's rooms", value: median(everything), unit: "ms" },
				{ name: "of a live list, what has changed", value: median(diffs), unit: "ms" },
			],
		});
	},
};
