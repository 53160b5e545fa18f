// A process full of players with the whole SDK: each notes what a person would notice.

import { Histogram, type HistogramData } from "../../bots/metrics/histogram.ts";
import { connect, type Room } from "../../client/index.ts";

export interface PlayersOptions {
	port: number;
	/** Rooms to sit in, in turns. */
	rooms: string[];
	players: number;
}

/** What a player has seen since the last mark. */
export interface PlayerFacts {
	room: string;
	/** Longest time without a snapshot, up to the report, ms. */
	longestMs: number;
	/** From the mark to the first snapshot after it, ms; -1 for none. */
	firstMs: number;
	/** Snapshots of a tick that was shown before. */
	twice: number;
	/** Times that the connection was lost. */
	reconnects: number;
	/** The seat is the one of the beginning, and in play. */
	isSeated: boolean;
	decodeErrors: number;
	snapshots: number;
}

export interface PlayersReport {
	players: PlayerFacts[];
	gaps: HistogramData;
}

const AT_ONCE = 50;
const PLAY_EVERY_MS = 100;

class Player {
	readonly room: Room;
	private readonly seat: number | null;
	private readonly gaps: Histogram;
	private lastTick = -1;
	private lastMs = performance.now();
	private markMs = performance.now();
	private facts = { longestMs: 0, firstMs: -1, twice: 0, snapshots: 0 };
	private reconnectsBefore = 0;

	constructor(room: Room, gaps: Histogram) {
		this.room = room;
		this.seat = room.player;
		this.gaps = gaps;
		room.onSnapshot(({ tick }) => this.see(tick));
	}

	private see(tick: number): void {
		const nowMs = performance.now();
		const { facts } = this;
		if (tick <= this.lastTick) facts.twice++;
		if (facts.firstMs < 0) facts.firstMs = nowMs - this.markMs;
		facts.longestMs = Math.max(facts.longestMs, nowMs - this.lastMs);
		facts.snapshots++;
		this.gaps.recordMs(nowMs - this.lastMs);
		this.lastTick = Math.max(this.lastTick, tick);
		this.lastMs = nowMs;
	}

	mark(): void {
		this.markMs = performance.now();
		this.facts = { longestMs: 0, firstMs: -1, twice: 0, snapshots: 0 };
		this.reconnectsBefore = this.room.reconnects;
	}

	play(): void {
		const input = this.room.input as Record<string, number | boolean>;
		for (const [name, value] of Object.entries(input)) {
			input[name] = typeof value === "boolean" ? Math.random() < 0.5 : Math.round(Math.random());
		}
		this.room.pump();
	}

	get report(): PlayerFacts {
		const { facts, room } = this;
		return {
			...facts,
			room: room.id,
			longestMs: Math.max(facts.longestMs, performance.now() - this.lastMs),
			reconnects: room.reconnects - this.reconnectsBefore,
			isSeated: room.status === "playing" && room.player === this.seat,
			decodeErrors: room.decodeErrors,
		};
	}
}

const options = JSON.parse(process.argv[2] ?? "{}") as PlayersOptions;
const gaps = new Histogram();
const players: Player[] = [];

async function openAll(): Promise<string> {
	let next = 0;
	let failed = "";
	const open = async (): Promise<void> => {
		while (next < options.players && failed === "") {
			const index = next++;
			const room = options.rooms[index % options.rooms.length];
			try {
				const target = { game: "arena", room, name: `player ${index}` };
				const own = { interpolate: false, predict: false, autoPump: false } as const;
				const url = `ws://127.0.0.1:${options.port}`;
				players.push(new Player(await connect(url, { ...target, ...own }), gaps));
			} catch (thrown) {
				failed = (thrown as Error).message;
			}
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, open));
	return failed;
}

process.on("message", (ask: "mark" | "report") => {
	if (ask === "mark") {
		gaps.clear();
		for (const player of players) player.mark();
		process.send?.({ marked: true });
	} else {
		const report: PlayersReport = {
			players: players.map((player) => player.report),
			gaps: gaps.copy(),
		};
		process.send?.({ report });
	}
});
process.on("disconnect", () => process.exit());
let turn = 0;
setInterval(() => {
	for (let i = turn; i < players.length; i += 10) players[i]?.play();
	turn = (turn + 1) % 10;
}, PLAY_EVERY_MS / 10);
const failed = await openAll();
process.send?.({ connected: players.length, failed });
