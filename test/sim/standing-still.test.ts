import { describe, expect, it } from "vitest";
import { createWorld, type Link } from "../../testing/index.ts";
import { loadVariant, replace } from "../support/variant.ts";

/** Room time beyond the newest snapshot that is shown, ms, and the delay: frame by frame. */
interface Frame {
	readonly aheadMs: number;
	readonly delayMs: number;
	/** How far the moment shown came forward beyond what had arrived, ms. */
	readonly madeUpMs: number;
}

interface Play {
	readonly tickRate: number;
	readonly snapshotRate: number;
	readonly link: Link;
}

const CALM_MS = 6_000;

/** Plays, with what `disturb` does, and tells of each frame before and after. */
async function watch(
	{ tickRate, snapshotRate, link }: Play,
	disturb: (
		world: Awaited<ReturnType<typeof createWorld>>,
		line: { stall(ms: number): void },
	) => Promise<void>,
): Promise<{ calm: Frame[]; during: Frame[]; soon: Frame[]; later: Frame[] }> {
	const rates = `tickRate: ${tickRate},\n\tsnapshotRate: ${snapshotRate}`;
	const game = await loadVariant({
		schema: replace("tickRate: 60,\n\tsnapshotRate: 20", rates),
	});
	const world = await createWorld({ games: [game], seed: 11, link });
	const ann = await world.connect({ game: "dots", name: "Ann", interpolate: true });
	let newest = -1;
	ann.onSnapshot(({ tick }) => {
		newest = tick;
	});
	const tickMs = 1000 / tickRate;
	let frames: Frame[] = [];
	let before = -1;
	world.every(1000 / 60, () => {
		ann.update();
		const shown = ann.stats.shownTick;
		const madeUpMs = shown > newest ? Math.max(0, shown - Math.max(before, newest)) * tickMs : 0;
		before = shown;
		frames.push({
			aheadMs: (shown - newest) * tickMs,
			delayMs: ann.stats.interpolationDelayMs,
			madeUpMs,
		});
	});
	const take = async (ms: number): Promise<Frame[]> => {
		frames = [];
		await world.run(ms);
		return frames;
	};
	await world.run(CALM_MS);
	const calm = await take(2_000);
	frames = [];
	await disturb(world, world.linkOf(ann));
	const during = frames;
	return { calm, during, soon: await take(1_200), later: await take(3_000) };
}

const mean = (frames: readonly Frame[], of: (frame: Frame) => number): number =>
	frames.reduce((sum, frame) => sum + of(frame), 0) / frames.length;

const RATES: [number, number][] = [
	[60, 20],
	[60, 60],
	[30, 10],
	[20, 10],
];

describe("after the server stood still", () => {
	it.each(
		RATES.flatMap(([tickRate, snapshotRate]) =>
			[300, 450, 1_000, 10_000].flatMap((ms) =>
				[0, 30].map((jitterMs) => ({ tickRate, snapshotRate, ms, jitterMs })),
			),
		),
	)("the picture is as late as before within a second: %o", async (the) => {
		const { ms, jitterMs } = the;
		const seen = await watch({ ...the, link: { delayMs: 30, jitterMs } }, async (world) => {
			world.freeze(ms);
			await world.run(ms);
		});
		const { calm, during, soon, later } = seen;
		const madeUpMs = [...during, ...soon].reduce((sum, frame) => sum + frame.madeUpMs, 0);
		expect(madeUpMs).toBeLessThan(250);
		const calmDelayMs = (calm.at(-1) as Frame).delayMs;
		for (const { delayMs } of later) expect(delayMs).toBeLessThan(calmDelayMs * 1.25 + 10);
		const off = mean(later, (f) => f.aheadMs) - mean(calm, (f) => f.aheadMs);
		expect(Math.abs(off)).toBeLessThan(30);
	});

	it("several times in a row, the picture is as late as before", async () => {
		const play = { tickRate: 60, snapshotRate: 20, link: { delayMs: 40, jitterMs: 20 } };
		const { calm, later } = await watch(play, async (world) => {
			for (const ms of [400, 700, 300]) {
				world.freeze(ms);
				await world.run(ms + 300);
			}
		});
		const off = mean(later, (f) => f.aheadMs) - mean(calm, (f) => f.aheadMs);
		expect(Math.abs(off)).toBeLessThan(30);
	});
});

describe("after the line stood still", () => {
	it("nothing is shown later than a growing delay asks for, and a short stall makes it grow", async () => {
		const play = { tickRate: 60, snapshotRate: 20, link: { delayMs: 30 } };
		const { calm, later } = await watch(play, async (world, line) => {
			line.stall(200);
			await world.run(200);
		});
		expect(later[0].delayMs).toBeGreaterThan((calm.at(-1) as Frame).delayMs + 20);
		expect(mean(later, (f) => f.aheadMs)).toBeGreaterThan(-260);
	});
});
