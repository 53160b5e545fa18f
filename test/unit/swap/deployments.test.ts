import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Log } from "../../../server/index.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import { type OpenServer, openServer } from "../../../server/open-server.ts";
import type { Room } from "../../../server/room/room.ts";
import { RoomDirectory } from "../../../server/room/room-directory.ts";
import { roomSettings } from "../../../server/room/room-settings.ts";
import { Deployments } from "../../../server/swap/deployments.ts";
import { type Candidate, ThreadVerifier, type Verifier } from "../../../server/swap/verifier.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../../support/recording-sink.ts";
import { loadVariant, replace } from "../../support/variant.ts";

const TICK = "export function tick(): void {";
const version = (n: number) => replace("version: 1", `version: ${n}`);
const inTick = (code: string) => replace(TICK, `${TICK}\n\t${code}`);

let v1: GameModule;
let v2: GameModule;
let v3: GameModule;
/** Traps in a room of that seed alone, from its second second on. */
let fussy: GameModule;
/** Says more in its outbox than there is, in every tick. */
let garbled: GameModule;
/** Traps from tick 700 on: no trial gets there, a room that is older than that fails at once. */
let doomed: GameModule;
beforeAll(async () => {
	v1 = await loadFixture("dots");
	v2 = await loadVariant({ schema: version(2) });
	v3 = await loadVariant({ schema: version(3) });
	fussy = await loadVariant({
		schema: version(4),
		main: (source) => `${inTick("if (dot.used > 0 && dot.x[0] > 1000000) unreachable();")(source)}`,
	});
	garbled = await loadVariant({
		schema: version(5),
		main: (source) =>
			inTick("store<u32>(CTX, 3, 8);")(source).replace(
				"import { ctx",
				'import { CTX } from "hotstep/assembly/context";\nimport { ctx',
			),
	});
	doomed = await loadVariant({
		schema: version(6),
		main: inTick("if (ctx.tick >= 1500 && dot.used > 0) unreachable();"),
	});
}, 60_000);

function candidate({ raw, name }: GameModule): Candidate {
	return { bytes: raw, origin: `${name}.wasm`, sourceMap: null };
}

let clock: VirtualClock;
let directory: RoomDirectory;
let deployments: Deployments;
const retired: string[] = [];
beforeEach(() => {
	retired.length = 0;
	clock = new VirtualClock();
	directory = new RoomDirectory({
		clock,
		scheduler: { add: (room) => room.start(0), remove() {} },
		events: {
			opened() {},
			closed() {},
			fault() {},
			report: (room, report) => deployments.heard(room, report),
			log() {},
		},
		maxRooms: 100,
		settings: roomSettings({ emptyRoomMs: 1e9, seatGraceMs: 1e9 }),
		seed: () => 7,
	});
	directory.games.set("dots", v1);
	deployments = new Deployments(directory, {
		onRetired: (_, detail) => retired.push(detail),
		now: () => clock.ms,
	});
});

/** Opens so many rooms with a player in each, the first ones fuller. */
function open(count: number, ticks = 30): Room[] {
	return Array.from({ length: count }, (_, i) => {
		const room = directory.open(directory.games.get("dots") as GameModule);
		if ("error" in room) throw new Error(room.detail);
		for (let n = count - i; n > 0; n--) room.join(new RecordingSink(), `player ${n}`);
		play(room, ticks);
		return room;
	});
}

function play(room: Room, ticks: number): void {
	for (let i = 0; i < ticks; i++) room.runTick();
}

const versions = (rooms: readonly Room[]) => rooms.map(({ game }) => game.version);
const newRoom = () => directory.games.get("dots")?.version;

async function deploy(game: GameModule, policy: "pin" | "canary" | "live", options = {}) {
	return deployments.deploy("dots", candidate(game), policy, options);
}

describe("a rollback", () => {
	it("takes a canary back and nothing else, whatever was deployed before", async () => {
		const rooms = open(3);
		await deploy(v2, "live");
		expect(versions(rooms)).toEqual([2, 2, 2]);
		for (const game of [v1, v3]) {
			await deploy(game, "canary");
			expect(versions(rooms)).toEqual([game.version, 2, 2]);
			expect(await deployments.rollBack("dots")).toMatchObject({ version: 2 });
			expect(versions(rooms)).toEqual([2, 2, 2]);
			expect(newRoom()).toBe(2);
		}
		// the one before is still there to be taken back
		await deployments.rollBack("dots");
		expect(versions(rooms)).toEqual([1, 1, 1]);
		expect(await deployments.rollBack("dots")).toMatchObject({ error: "ERR_SWAP_NOTHING" });
	});

	it("takes a canary back where nothing was deployed before", async () => {
		const rooms = open(2);
		await deploy(v2, "canary");
		expect(await deployments.rollBack("dots")).toMatchObject({ swapped: [rooms[0]?.id] });
		expect(versions(rooms)).toEqual([1, 1]);
	});

	it("goes back one deployment after the other, each room to what it had", async () => {
		const rooms = open(2);
		await deploy(v2, "pin");
		const later = open(1);
		await deploy(v3, "live");
		expect(versions([...rooms, ...later])).toEqual([3, 3, 3]);
		await deployments.rollBack("dots");
		expect(versions([...rooms, ...later])).toEqual([1, 1, 2]);
		expect(newRoom()).toBe(2);
		await deployments.rollBack("dots");
		expect(versions([...rooms, ...later])).toEqual([1, 1, 1]);
		expect(newRoom()).toBe(1);
	});

	it("takes a promoted canary back in every room", async () => {
		const rooms = open(3);
		await deploy(v2, "canary", { canaries: 2 });
		expect(await deployments.promote("dots")).toMatchObject({ policy: "promote" });
		expect(versions(rooms)).toEqual([2, 2, 2]);
		expect(newRoom()).toBe(2);
		expect(deployments.list.map(({ outcome }) => outcome)).toEqual(["promoted", "standing"]);
		expect(await deployments.promote("dots")).toMatchObject({ error: "ERR_SWAP_NOTHING" });
		await deployments.rollBack("dots");
		expect(versions(rooms)).toEqual([1, 1, 1]);
		expect(newRoom()).toBe(1);
	});

	it("leaves rooms alone that had its rules before it", async () => {
		const rooms = open(2);
		await deploy(v2, "canary");
		await deploy(v2, "pin");
		rooms.push(...open(1));
		expect(versions(rooms)).toEqual([2, 1, 2]);
		await deployments.rollBack("dots");
		expect(versions(rooms)).toEqual([2, 1, 1]);
		expect(newRoom()).toBe(1);
		await deployments.rollBack("dots");
		expect(versions(rooms)).toEqual([1, 1, 1]);
	});

	it("changes no room where the same rules were deployed once more", async () => {
		const rooms = open(2);
		await deploy(v1, "live");
		const back = await deployments.rollBack("dots");
		expect(back).toMatchObject({ swapped: [] });
		expect(rooms.map(({ counters }) => counters.rollbacks)).toEqual([0, 0]);
	});

	it("takes back one that is done, though whoever deployed it has not been told", async () => {
		const rooms = open(1);
		let back: Promise<unknown> | null = null;
		const verifier: () => Verifier = () => {
			const thread = new ThreadVerifier();
			const end = thread.end.bind(thread);
			thread.end = async () => {
				back = deployments.rollBack("dots");
				await end();
			};
			return thread;
		};
		deployments = new Deployments(directory, { openVerifier: verifier });
		await deploy(v2, "live");
		await back;
		expect(versions(rooms)).toEqual([1]);
		expect(newRoom()).toBe(1);
	});

	it("gives up a deployment that is under way", async () => {
		const rooms = open(3);
		await deploy(v2, "live");
		const swapping = deploy(v3, "live");
		expect(await deploy(v1, "live")).toMatchObject({ error: "ERR_SWAP_BUSY" });
		const back = await deployments.rollBack("dots");
		expect(await swapping).toMatchObject({ error: "ERR_SWAP_CANCELLED" });
		expect(back).toMatchObject({ policy: "rollback", version: 2 });
		expect(versions(rooms)).toEqual([2, 2, 2]);
		expect(newRoom()).toBe(2);
		await deployments.rollBack("dots");
		expect(versions(rooms)).toEqual([1, 1, 1]);
	});
});

describe("a deployment", () => {
	it("reaches rooms that open while its trials run", async () => {
		const rooms = open(2);
		const swapping = deploy(v2, "live");
		await new Promise((resolve) => setTimeout(resolve, 5));
		rooms.push(...open(2));
		await swapping;
		expect(versions(rooms)).toEqual([2, 2, 2, 2]);
	});

	it("skips the rooms that it is told to", async () => {
		const rooms = open(3);
		await deploy(v2, "live", { skip: [rooms[1]?.id] });
		expect(versions(rooms)).toEqual([2, 1, 2]);
	});

	it("goes on in the other rooms when one refuses it, and says so; or in none", async () => {
		const rooms = open(2);
		const x = rooms[1]?.simulation.tables[0]?.columns[1]?.values as Float32Array;
		x[0] = 2_000_000;
		play(rooms[1], 300);
		expect(await deploy(fussy, "live", { allOrNone: true })).toMatchObject({
			error: "ERR_TRIAL_FAULT",
		});
		expect(versions(rooms)).toEqual([1, 1]);
		const result = await deploy(fussy, "live");
		expect(result).toMatchObject({
			swapped: [rooms[0]?.id],
			refused: [{ room: rooms[1]?.id, error: "ERR_TRIAL_FAULT" }],
		});
		expect(versions(rooms)).toEqual([4, 1]);
	});

	it.each(["pin", "live"] as const)(
		"by %s is refused when its outbox makes no sense, as a live room would",
		async (policy) => {
			const rooms = policy === "live" ? open(1) : [];
			const result = await deploy(garbled, policy);
			expect(result).toMatchObject({ error: "ERR_TRIAL_FAULT" });
			expect("detail" in result && result.detail).toContain("outbox");
			expect(versions(rooms)).toEqual(rooms.map(() => 1));
			expect(newRoom()).toBe(1);
		},
	);

	it("can cure a room whose values were no numbers before", async () => {
		const [room] = open(1);
		const x = room?.simulation.tables[0]?.columns[1]?.values as Float32Array;
		x[0] = Number.NaN;
		play(room as Room, 300);
		expect(await deploy(v2, "live")).toMatchObject({ swapped: [room?.id] });
		play(room as Room, 30);
		expect(room?.game.version).toBe(2);
	});

	it("is retired when a room takes it back by itself: new rooms get the rules from before", async () => {
		const [room] = open(1, 1490);
		await deploy(doomed, "live");
		expect(newRoom()).toBe(6);
		play(room as Room, 20);
		expect(room?.game.version).toBe(1);
		expect(newRoom()).toBe(1);
		expect(deployments.list.at(-1)?.outcome).toBe("retired");
		expect(retired).toHaveLength(1);
	});

	it("is retired again when a rollback has brought it back", async () => {
		const [first, second] = open(2, 1490) as [Room, Room];
		await deploy(doomed, "pin");
		await deploy(doomed, "canary");
		await deploy(v2, "pin");
		play(first, 20);
		expect(first.game.version).toBe(1);
		await deployments.rollBack("dots");
		expect(newRoom()).toBe(6);
		await deploy(doomed, "live");
		play(second, 20);
		expect(second.game.version).toBe(1);
		expect(newRoom()).toBe(1);
	});

	it("is retired when a room fails before the last one has changed", async () => {
		const rooms = open(2, 1490);
		const turns = [0, 20];
		deployments = new Deployments(directory, {
			turn: async () => play(rooms[0] as Room, turns.shift() ?? 0),
		});
		await deploy(doomed, "live");
		expect(versions(rooms)).toEqual([1, 6]);
		expect(newRoom()).toBe(1);
	});

	it("is retired when its rooms fail too often, though their probation is over", async () => {
		await deploy(doomed, "pin");
		for (const [i, room] of open(3).entries()) {
			expect(newRoom()).toBe(6);
			play(room, 1600);
			expect(room.fault).not.toBeNull();
			clock.ms += i === 2 ? 0 : 60_000;
		}
		expect(newRoom()).toBe(1);
		expect(retired[0]).toContain("3 rooms failed");
	});
});

describe("deployments that are kept", () => {
	const started: OpenServer[] = [];
	async function start(folder: string, game: GameModule) {
		const problems: unknown[] = [];
		const log: Log = (level, message, fields) => {
			if (level === "error") problems.push({ message, ...fields });
		};
		const server = await openServer({ games: [game], log, deployments: { dataFolder: folder } });
		started.push(server);
		return { server, problems, running: () => server.core.directory.games.get("dots")?.version };
	}

	it("outlive a restart, until the server is started with another file", async () => {
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-deployments-"));
		const first = await start(folder, v1);
		await first.server.core.deployments.deploy("dots", candidate(v2), "pin", { by: "Ann" });
		await first.server.close();
		const second = await start(folder, v1);
		expect(second.running()).toBe(2);
		expect(second.server.core.deployments.list).toMatchObject([{ id: 1, by: "Ann", version: 2 }]);
		await second.server.core.deployments.rollBack("dots");
		expect(second.running()).toBe(1);
		await second.server.close();
		expect((await readdir(folder)).sort()).toEqual(["deployments.json"]);
		const third = await start(folder, v1);
		expect(third.running()).toBe(1);
		await third.server.core.deployments.deploy("dots", candidate(v2), "pin");
		await third.server.close();
		const fourth = await start(folder, v3);
		expect(fourth.running()).toBe(3);
		expect(fourth.problems).toEqual([]);
		await fourth.server.close();
	});

	it("are said to be damaged, and the server begins with its own rules", async () => {
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-deployments-"));
		const first = await start(folder, v1);
		await first.server.core.deployments.deploy("dots", candidate(v2), "pin");
		await first.server.close();
		const file = path.join(folder, "deployments.json");
		const list = await readFile(file, "utf8");
		const [module = ""] = (await readdir(folder)).filter((name) => name.endsWith(".wasm"));
		const damages: [() => Promise<void>, RegExp][] = [
			[() => writeFile(path.join(folder, module), "nonsense"), /others than were kept/],
			[() => rm(path.join(folder, module)), /cannot be used/],
			[() => writeFile(file, list.slice(0, -9)), /no list of deployments/],
			[() => writeFile(file, list.replace('"games":{', '"games":[{')), /no list of deployments/],
			[
				() => writeFile(file, '{"format":1,"games":{"dots":{"base":"../x"}},"deployments":[]}'),
				/no list/,
			],
		];
		for (const [damage, words] of damages) {
			await damage();
			const { server, problems, running } = await start(folder, v1);
			expect(running()).toBe(1);
			expect(problems).toEqual([
				expect.objectContaining({
					error: "ERR_DEPLOYMENTS_DAMAGED",
					detail: expect.stringMatching(words),
				}),
			]);
			await server.close();
		}
	});
});
