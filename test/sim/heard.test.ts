import { describe, expect, it } from "vitest";
import { createWorld, type EnterOptions, type Link } from "../../testing/index.ts";
import { loadVariant, replace } from "../support/variant.ts";

/** dots with an event at every sixth tick, which tells its tick; the number of shots is the row's y. */
function beats(version = 1): ReturnType<typeof loadVariant> {
	const schema = (source: string): string =>
		[
			replace("version: 1", `version: ${version}`),
			replace("f32, i8, u8", "f32, i8, u8, u16, u32"),
			replace("dy: i8", "dy: i8, buy: u16"),
			replace("\ttables:", "\tevents: { beat: { n: u32 } },\n\ttables:"),
		].reduce((text, change) => change(text), source);
	const main = (source: string): string =>
		[
			replace("dot, input", "dot, emit, input"),
			replace("tick(): void {", "tick(): void {\n\tif (ctx.tick % 6 == 0) emit.beat(ctx.tick);"),
			replace("dot.y[i] += <f32>input.dy", "dot.y[i] += <f32>input.buy"),
			replace("] * ctx.dt;\n\t}", "];\n\t}"),
		].reduce((text, change) => change(text), source);
	return loadVariant({ schema, main });
}

const BEAT = 6;

interface Hearing {
	readonly heard: { n: number; ageMs: number }[];
	/** Beats between the first and the last heard that were not. */
	missed(): number[];
}

async function enter(link: Link, options: Partial<EnterOptions> = {}) {
	const world = await createWorld({ games: [await beats()], seed: 5, link });
	const ann = await world.connect({ game: "dots", name: "Ann", interpolate: true, ...options });
	const heard: Hearing["heard"] = [];
	ann.on(
		"beat" as never,
		(({ n }: { n: number }) => {
			const tick = world.serverRoomOf(ann)?.tick ?? 0;
			heard.push({ n, ageMs: ((tick - n) * 1000) / 60 });
		}) as never,
	);
	const missed = (): number[] => {
		const all = new Set(heard.map(({ n }) => n));
		const numbers: number[] = [];
		for (let n = heard[0]?.n ?? 0; n < (heard.at(-1)?.n ?? 0); n += BEAT) {
			if (!all.has(n)) numbers.push(n);
		}
		return numbers;
	};
	return { world, ann, heard, missed };
}

describe("an event that has arrived", () => {
	it.each([{ delayMs: 0 }, { delayMs: 60, jitterMs: 20 }])(
		"is heard though the rules were replaced before its turn: %o",
		async (link) => {
			const { world, ann, heard, missed } = await enter(link);
			world.every(1000 / 60, () => ann.update());
			await world.run(3_000);
			let newest = -1;
			let atSwap = -1;
			ann.onSnapshot(({ tick }) => {
				newest = tick;
			});
			ann.onSwap(() => {
				atSwap = newest;
			});
			await world.run(500);
			world.swap(await beats(2));
			await world.run(3_000);
			expect(atSwap).toBeGreaterThan(0);
			expect(heard.at(-1)?.n).toBeGreaterThan(atSwap);
			expect(missed().filter((n) => n <= atSwap)).toEqual([]);
			expect(new Set(heard.map(({ n }) => n)).size).toBe(heard.length);
		},
	);

	it("is heard once though the connection broke and came back before its turn", async () => {
		const { world, ann, heard, missed } = await enter({ delayMs: 60 });
		let newest = -1;
		ann.onSnapshot(({ tick }) => {
			newest = tick;
		});
		let isDrawing = true;
		world.every(1000 / 60, () => isDrawing && ann.update());
		await world.run(3_000);
		// nothing is drawn until it is back: the old picture goes on no further
		isDrawing = false;
		const had = newest;
		world.linkOf(ann).cut();
		await world.runUntil(() => ann.status === "playing" && ann.reconnects === 1);
		isDrawing = true;
		await world.run(3_000);
		expect(heard.at(-1)?.n).toBeGreaterThan(had);
		expect(missed().filter((n) => n <= had)).toEqual([]);
		expect(new Set(heard.map(({ n }) => n)).size).toBe(heard.length);
	});
});

describe("back from a hidden page", () => {
	it.each([5, 60])("after %i s nothing is heard that is over a second old", async (seconds) => {
		const { world, ann, heard } = await enter({ delayMs: 30, jitterMs: 10 });
		const stop = world.every(1000 / 60, () => ann.update());
		await world.run(3_000);
		expect(heard.length).toBeGreaterThan(20);
		stop();
		await world.run(seconds * 1_000);
		heard.length = 0;
		ann.update();
		expect(heard.length).toBeGreaterThan(2);
		for (const { ageMs } of heard) expect(ageMs).toBeLessThan(1_000);
	});

	it("all of it is heard where the game asks for it", async () => {
		const link = { delayMs: 30 };
		const { world, ann, heard, missed } = await enter(link, { staleEventMs: Infinity });
		const stop = world.every(1000 / 60, () => ann.update());
		await world.run(3_000);
		stop();
		await world.run(20_000);
		ann.update();
		expect(missed()).toEqual([]);
		expect(heard[Math.floor(heard.length / 2)]?.ageMs).toBeGreaterThan(5_000);
	});
});

describe("a number that is set for a moment", () => {
	it.each([
		{ delayMs: 20 },
		{ delayMs: 40, jitterMs: 60 },
		{ delayMs: 40, stallsPerSecond: 1, stallMs: 150 },
	])("reaches the rules each time: %o", async (link) => {
		const { world, ann } = await enter(link, { predict: false });
		await world.run(3_000);
		const input = ann.input as unknown as Record<string, number>;
		for (let click = 0; click < 20; click++) {
			input.buy = 7;
			await world.run(1);
			input.buy = 0;
			await world.run(300 + 7 * click);
		}
		await world.run(2_000);
		const table = world.serverRoomOf(ann)?.simulation.tables[0];
		const y = table?.columns.find(({ about }) => about.name === "y")?.values[0];
		// never less; a pulse that is repeated for want of a newer input counts again
		expect(y).toBeGreaterThanOrEqual(20 * 7);
	});
});
