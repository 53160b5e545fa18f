import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { buildGame } from "../../../game-logic/sdk/build-game.ts";
import { DESCRIPTOR } from "../../../protocol/abi/layout.ts";
import { compileGame, type GameModule } from "../../../server/module/game-module.ts";
import { swapRoom } from "../../../server/swap/swap-room.ts";
import { createWorld } from "../../../testing/index.ts";

const SDK = path.join(import.meta.dirname, "../../../protocol/schema/index.ts");

interface Source {
	version?: number;
	/** Columns of table "a" beside x. */
	columns?: string;
	main: string;
}

async function build({ version = 1, columns = "", main }: Source, isDraft = false) {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-jumps-"));
	await writeFile(
		path.join(folder, "schema.ts"),
		`import { defineGame, f32, u8 } from ${JSON.stringify(SDK)};
		export default defineGame({
			name: "jumps", version: ${version}, tickRate: 60, snapshotRate: 20, maxPlayers: 4, input: {},
			tables: {
				a: { capacity: 4, columns: { x: f32().quantize(1 / 16), ${columns} } },
				b: { capacity: 4, columns: { x: f32().quantize(1 / 16) } },
			},
		});`,
	);
	await writeFile(path.join(folder, "main.ts"), main);
	return buildGame(folder, path.join(folder, "game.wasm"), isDraft);
}

async function load(source: Source): Promise<GameModule> {
	const built = await build(source);
	if ("error" in built) throw new Error(built.detail);
	return compileGame(new Uint8Array(await readFile(built.file)), built.file);
}

const calls = (call: string): string => `
	import { ctx } from "hotstep/assembly";
	import { a, b } from "./generated/layout";
	export function init(): void { a.spawn(); b.spawn(); }
	export function tick(): void {
		if (ctx.tick % 10 == 0) { a.x[0] = a.x[0] == 0 ? 30 : 0; ${call} }
		b.x[0] += 0.5;
	}`;

/** The minor version that the module as built states. */
async function minorOf(source: Source): Promise<number> {
	const built = await build(source);
	if ("error" in built) throw new Error(built.detail);
	const { instance } = await WebAssembly.instantiate(await readFile(built.file), {
		hotstep: { log: () => undefined },
		env: { abort: () => undefined },
	});
	const { memory, hs_describe: describe } = instance.exports;
	const at = (describe as () => number)();
	return new DataView((memory as WebAssembly.Memory).buffer).getUint16(at + DESCRIPTOR.minor, true);
}

describe("jump(row)", () => {
	it("gives those tables a column whose rules call it, in a draft too, and no other game anything", async () => {
		const columnsOf = async (call: string, isDraft: boolean): Promise<string[]> => {
			const built = await build({ main: calls(call) }, isDraft);
			if ("error" in built) throw new Error(built.detail);
			const { descriptor } = compileGame(new Uint8Array(await readFile(built.file)), built.file);
			return descriptor.tables.map(({ columns }) => columns.map(({ name }) => name).join(" "));
		};
		expect(await columnsOf("a.jump(0);", false)).toEqual(["x jumpCount", "x"]);
		expect(await columnsOf("b.jump(0);", true)).toEqual(["x", "x jumpCount"]);
		expect(await columnsOf("", false)).toEqual(["x", "x"]);
	}, 60_000);

	it("asks for a newer host only where it is used", async () => {
		expect(await minorOf({ main: calls("") })).toBe(1);
		expect(await minorOf({ main: calls("a.jump(0);") })).toBe(2);
		expect(await minorOf({ columns: "y: f32().wrap(8),", main: calls("") })).toBe(2);
	}, 60_000);

	it("leaves a column of that name alone, and says when a table has no room", async () => {
		const old = await load({ columns: "jump: u8,", main: calls("a.jump[0] = 1;") });
		expect(old.descriptor.tables[0]?.columns.map(({ name }) => name)).toEqual(["x", "jump"]);
		const columns = Array.from({ length: 63 }, (_, i) => `c${i}: u8,`).join(" ");
		expect(await build({ columns, main: calls("a.jump(0);") })).toEqual({
			error: "ERR_SCHEMA",
			detail: "tables.a: a.jump() needs room for one column more",
		});
	}, 60_000);

	it("comes to a running room with new rules, whose rows have not jumped yet", async () => {
		const before = await load({ main: calls("") });
		const after = await load({ version: 2, main: calls("a.jump(0);") });
		const world = await createWorld({ games: [before], seed: 1, link: { delayMs: 40 } });
		const ann = await world.connect({ game: "jumps", name: "Ann", interpolate: true });
		await world.run(1_000);
		const between = async (): Promise<number> => {
			let frames = 0;
			const stop = world.every(1000 / 144, () => {
				ann.update();
				const x = ann.state.a?.x[0];
				if (x !== 0 && x !== 30) frames++;
			});
			await world.run(3_000);
			stop();
			return frames;
		};
		expect(await between()).toBeGreaterThan(50);
		const room = world.serverRoomOf(ann);
		if (!room) throw new Error("no room");
		expect(swapRoom(room, after)).toHaveProperty("report");
		await world.run(1_000);
		expect(ann.version).toBe(2);
		expect(await between()).toBe(0);
		expect(ann.state.a?.jumpCount?.[0]).toBeGreaterThan(10);
	}, 60_000);
});
