import type { Behaviour } from "../../bots/behaviour.ts";
import { genericBehaviour } from "../../bots/generic-behaviour.ts";
import type { Room } from "../../client/room.ts";
import type { CloseName } from "../../protocol/errors.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import { rollBack } from "../../server/room/rules.ts";
import { swapRoom } from "../../server/swap/swap-room.ts";
import { createWorld, SeededRandom, type World } from "../../testing/index.ts";
import { InboxChecker } from "./inbox-checker.ts";
import { randomLink, troubleLine } from "./random-link.ts";

/** A game to play at random. */
export interface SimGame {
	readonly game: GameModule;
	/** Rules that a running room may be given instead. */
	readonly next: GameModule | null;
	/** How its bots play; by the input's types if null. */
	readonly behaviour: Behaviour | null;
}

export interface MatchReport {
	readonly game: string;
	readonly clients: number;
	readonly virtualMs: number;
	readonly reconnects: number;
	readonly swaps: number;
	readonly snapshots: number;
	readonly skipped: number;
	readonly inputs: number;
	/** Rows compared at the end. */
	readonly rows: number;
	readonly drops: Readonly<Record<string, number>>;
	readonly hash: string;
}

/** What a line that was cut, or a seat that was lost, may end in. Anything else is a bug. */
const EXPECTED_DROPS: ReadonlySet<CloseName> = new Set([
	"ERR_HEARTBEAT_TIMEOUT",
	"ERR_HELLO_TIMEOUT",
	"ERR_ROOM_FULL",
	"ERR_ROOM_UNKNOWN",
	"ERR_SEAT_TAKEN",
]);

const MAX_CLIENTS = 16;
const SILENCE_MS = 5_000;
const EMPTY_ROOM_MS = 1_500;

function insist(condition: boolean, what: string): asserts condition {
	if (!condition) throw new Error(what);
}

/** One match, all of which follows from its seed. */
class Match {
	private readonly world: World;
	private readonly random: SeededRandom;
	private readonly chosen: SimGame;
	private readonly graceMs: number;
	private readonly playMs: number;
	private readonly checkers: InboxChecker[];
	private readonly clients: Room[] = [];
	private swaps = 0;
	private snapshots = 0;
	private skipped = 0;

	constructor(
		world: World,
		random: SeededRandom,
		chosen: SimGame,
		graceMs: number,
		checkers: InboxChecker[],
	) {
		this.world = world;
		this.random = random;
		this.chosen = chosen;
		this.graceMs = graceMs;
		this.checkers = checkers;
		this.playMs = random.between(3_000, 15_000);
	}

	async play(): Promise<MatchReport> {
		const { world, random, playMs } = this;
		const count = 1 + random.below(MAX_CLIENTS);
		for (let i = 0; i < count; i++) {
			// one is there from the start, most come early, some in the middle of it
			const atMs =
				i === 0 ? 0 : random.chance(0.5) ? random.between(0, 500) : random.between(0, playMs);
			world.after(atMs, () => this.enter(i));
		}
		if (this.chosen.next && random.chance(0.5)) this.planSwap();
		const stopChecking = world.every(250, () => this.checkSeats());
		await world.run(playMs);
		stopChecking();
		await world.settle(60_000);
		const rows = this.checkViews();
		const reconnects = this.clients.reduce((sum, { reconnects: n }) => sum + n, 0);
		world.resume();
		await this.end();
		return {
			game: this.chosen.game.name,
			clients: count,
			virtualMs: world.nowMs,
			reconnects,
			swaps: this.swaps,
			snapshots: this.snapshots,
			skipped: this.skipped,
			inputs: this.checkers.reduce((sum, { inputs }) => sum + inputs, 0),
			rows,
			drops: Object.fromEntries(world.counters.drops),
			hash: world.sent.hex,
		};
	}

	private enter(index: number): void {
		const { world, random, chosen, playMs } = this;
		const client = world.enter({
			game: chosen.game.name,
			name: `bot ${index}`,
			spectate: random.chance(0.1),
			reconnect: random.chance(0.9),
			interpolate: random.chance(0.5),
			sendRate: random.pick([20, 30, 60]),
			clockDrift: random.between(-2e-4, 2e-4),
			link: randomLink(random),
		});
		this.clients.push(client);
		this.watch(client);
		this.steer(client);
		const leftMs = playMs - world.nowMs;
		if (random.chance(0.2)) world.after(random.between(0, leftMs), () => client.leave());
		for (let n = random.below(4); n > 0; n--) {
			world.after(random.between(0, leftMs), () => {
				troubleLine(world.linkOf(client), random, (ms, run) => world.after(ms, run));
			});
		}
		if (random.chance(0.2)) {
			world.after(random.between(0, leftMs), () => {
				world.linkOf(client).link = randomLink(random);
			});
		}
	}

	/** Each connection's snapshots go forward, and none of them fails to decode. */
	private watch(client: Room): void {
		let lastTick = -1;
		client.onStatus(() => {
			lastTick = -1;
		});
		client.onSnapshot(({ tick }) => {
			this.snapshots++;
			insist(tick > lastTick, `a snapshot of tick ${tick} came after one of tick ${lastTick}`);
			lastTick = tick;
		});
	}

	private steer(client: Room): void {
		const { world, random, chosen } = this;
		const behaviour = chosen.behaviour ?? genericBehaviour(chosen.game.schema.input);
		const think = behaviour.create(random.next);
		world.every(1_000 / behaviour.thinksPerSecond, () => {
			if (client.status !== "playing") return;
			client.update();
			const { state, player, input } = client;
			think({ state, player, input, nowMs: world.nowMs });
		});
	}

	/** Gives the running rooms other rules, and sometimes takes them back. */
	private planSwap(): void {
		const { world, random, chosen, playMs } = this;
		world.after(random.between(500, playMs), () => {
			for (const room of world.directory.rooms.values()) {
				if (!chosen.next || room.game.hash === chosen.next.hash) continue;
				const result = swapRoom(room, chosen.next);
				if ("error" in result) throw new Error(`the swap was refused: ${result.detail}`);
				this.swaps++;
				if (random.chance(0.3)) {
					const afterMs = random.between(0, Math.min(1_500, playMs - world.nowMs));
					world.after(afterMs, () => rollBack(room));
				}
			}
		});
	}

	/** No seat is held beyond its time, and a viewer's seat knows its viewer. */
	private checkSeats(): void {
		const { world, graceMs } = this;
		for (const room of world.directory.rooms.values()) {
			for (const player of room.players.values()) {
				const heldMs = world.nowMs - player.heldSinceMs;
				const isLate = !player.viewer && !player.isLeaving && heldMs > graceMs + 2 * room.tickMs;
				insist(!isLate, `seat ${player.number} is held for ${heldMs} ms`);
			}
			for (const viewer of room.seats.viewers) {
				const { player } = viewer;
				insist(!player || player.viewer === viewer, "a viewer's seat has another viewer");
				insist(!player || room.players.get(player.number) === player, "a viewer's seat is gone");
			}
		}
	}

	/** At the end every client that is there has exactly what the server would show it. */
	private checkViews(): number {
		const { world } = this;
		let rows = 0;
		const seats = new Set<string>();
		for (const client of this.clients) {
			insist(client.decodeErrors === 0, `${client.decodeErrors} messages did not decode`);
			if (client.status === "closed") {
				this.checkEnding(client);
				continue;
			}
			const wrong = world.differences(client);
			insist(wrong.length === 0, `a client's view differs: ${wrong.slice(0, 5).join("; ")}`);
			const room = world.serverRoomOf(client);
			insist(room !== null, "a playing client has no room");
			const names = (all: Iterable<[number, string]>): string =>
				JSON.stringify([...all].sort(([a], [b]) => a - b));
			const there = [...room.players.values()]
				.filter((p) => !p.isLeaving)
				.map((p): [number, string] => [p.number, p.name]);
			insist(names(client.roster) === names(there), "a client's roster differs");
			if (client.player >= 0) {
				const seat = `${client.id} ${client.player}`;
				insist(!seats.has(seat), `two clients sit on seat ${seat}`);
				seats.add(seat);
			}
			for (const { gen, used } of client.received ?? []) {
				for (let row = 0; row < used; row++) if (gen[row] !== 0) rows++;
			}
		}
		for (const room of world.directory.rooms.values()) {
			insist(room.counters.droppedTicks === 0, "ticks were dropped");
			insist(room.counters.ticks === room.tick, "ticks were counted wrongly");
			this.skipped += room.counters.skippedSnapshots;
		}
		for (const [name, times] of world.counters.drops) {
			insist(EXPECTED_DROPS.has(name), `${times} clients were dropped with ${name}`);
		}
		return rows;
	}

	private checkEnding({ ending, reconnects }: Room): void {
		const name = ending?.name ?? "nothing";
		const isExpected =
			["LEFT", "ERR_NETWORK", "ERR_CONNECT_TIMEOUT"].includes(name) ||
			EXPECTED_DROPS.has(name as CloseName);
		insist(isExpected, `a client ended with ${name} after ${reconnects} reconnects`);
	}

	/** Everybody goes; then nothing of the match is left on the server. */
	private async end(): Promise<void> {
		const { world, graceMs } = this;
		for (const client of this.clients) client.leave();
		// one whose line was dead is missed first, then its seat is held, then the room stays for a while
		await world.run(SILENCE_MS + graceMs + EMPTY_ROOM_MS + 4_000);
		const { directory, counters } = world;
		insist(directory.rooms.size === 0, `${directory.rooms.size} rooms are left`);
		insist(counters.roomsOpened === counters.roomsClosed, "a room was opened and not closed");
		insist(counters.faults === 0, `${counters.faults} rooms failed`);
	}
}

/** Plays the match of a seed. @throws Error, naming the seed, when something is not as it must be */
export async function playMatch(games: readonly SimGame[], seed: number): Promise<MatchReport> {
	const random = new SeededRandom(seed);
	const chosen = random.pick(games);
	const graceMs = random.between(500, 4_000);
	const checkers: InboxChecker[] = [];
	const world = await createWorld({
		games: [chosen.game],
		seed,
		server: {
			rooms: {
				seatGraceMs: graceMs,
				codeResiduals: random.chance(0.3),
				emptyRoomMs: EMPTY_ROOM_MS,
				faultPolicy: "close",
				recorder: () => {
					const checker = new InboxChecker();
					checkers.push(checker);
					return checker;
				},
			},
			connections: { heartbeatMs: 1_000, silenceMs: SILENCE_MS },
		},
	});
	try {
		return await new Match(world, random, chosen, graceMs, checkers).play();
	} catch (thrown) {
		if (thrown instanceof Error && !thrown.message.includes(`seed ${seed}`)) {
			thrown.message += ` (seed ${seed})`;
		}
		throw thrown;
	}
}
