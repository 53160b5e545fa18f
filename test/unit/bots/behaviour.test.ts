import { describe, expect, it } from "vitest";
import type { Behaviour, BotView } from "../../../bots/behaviour.ts";
import { behaviour as arena } from "../../../game-logic/arena/bots.ts";
import { behaviour as swarm } from "../../../game-logic/swarm/bots.ts";
import { SeededRandom } from "../../../protocol/seeded-random.ts";

type Columns = Record<string, number[]>;
type Input = Record<string, number | boolean>;

function table(columns: Columns) {
	const used = Object.values(columns)[0]?.length ?? 0;
	return { capacity: used, used, gen: Array(used).fill(1), ...columns };
}

function ships(columns: Columns) {
	const count = columns.player.length;
	const zeros = (): number[] => Array(count).fill(0);
	const rest = { angle: zeros(), flags: zeros(), shield: Array(count).fill(100) };
	return table({ ...rest, ...columns });
}

/** Thinks five times a second on the same state, and gives every input. */
function think(
	behaviour: unknown,
	state: unknown,
	seed: number,
	input: Input,
	times = 40,
): Input[] {
	const play = (behaviour as Behaviour).create(new SeededRandom(seed).next);
	return Array.from({ length: times }, (_, i) => {
		play({ state, player: 0, input, nowMs: i * 200 } as unknown as BotView);
		return { ...input };
	});
}

const atRest = (): Input => ({ turn: 0, thrust: false, fire: false });
const noRocks = table({ x: [], y: [], size: [] });

describe("an arena bot", () => {
	const hunt = (ship: unknown, asteroid: unknown = noRocks): Input =>
		think(arena, { ship, asteroid }, 3, atRest(), 1)[0] ?? {};

	it("turns to its prey, thrusts and fires", () => {
		const prey = { player: [0, 1], x: [1000, 1000], y: [1000, 1300] };
		expect(hunt(ships(prey)).turn).toBeGreaterThan(50);
		expect(hunt(ships({ ...prey, angle: [Math.PI / 2, 0] }))).toMatchObject({
			thrust: true,
			fire: true,
		});
	});

	it("flees when it is weak, and leaves the dead and the protected alone", () => {
		const prey = { player: [0, 1], x: [1000, 1000], y: [1000, 1300] };
		expect(hunt(ships({ ...prey, shield: [20, 100] })).turn).toBeLessThan(-50);
		for (const flags of [2, 4]) {
			const facing = { ...prey, angle: [Math.PI / 2, 0], flags: [0, flags] };
			const inputs = think(arena, { ship: ships(facing), asteroid: noRocks }, 3, atRest());
			const calm = think(
				arena,
				{ ship: ships({ player: [0], x: [1000], y: [1000] }), asteroid: noRocks },
				3,
				atRest(),
			);
			expect(inputs.filter(({ fire }) => fire).length).toBe(calm.filter(({ fire }) => fire).length);
		}
	});

	it("shoots the asteroid ahead of it and steers around it", () => {
		const rock = table({ x: [1080], y: [1001], size: [2] });
		const input = hunt(ships({ player: [0], x: [1000], y: [1000] }), rock);
		expect(input).toMatchObject({ fire: true, thrust: false });
		expect(Math.abs(input.turn as number)).toBeGreaterThan(50);
	});
});

describe("a swarm bot", () => {
	const state = {
		agent: table({ x: [2300, 2310, 2320], y: [2000, 2010, 2020] }),
		avatar: table({ player: [0, 1], x: [2000, 2100], y: [2000, 2000], angle: [0, 0] }),
	};

	it("herds, chases and flees, as its mood is", () => {
		const inputs = [1, 2, 3, 4, 5, 6].flatMap((seed) =>
			think(swarm, state, seed, { turn: 0, thrust: false, call: false }, 200),
		);
		expect(inputs.some(({ turn }) => Math.abs(turn as number) > 100)).toBe(true);
		expect(inputs.some(({ turn, thrust }) => turn === 0 && thrust === true)).toBe(true);
		const alone = { ...state, avatar: table({ player: [0], x: [2000], y: [2000], angle: [0] }) };
		const herding = think(swarm, alone, 1, { turn: 0, thrust: false, call: false }, 200);
		expect(herding.some(({ call }) => call === true)).toBe(true);
	});
});

describe("the games' bots", () => {
	it("do the same with the same seed, and something else with another", () => {
		const agent = table({ x: [2300, 1000], y: [2000, 900] });
		const avatar = table({ player: [0, 1], x: [2000, 3000], y: [2000, 900], angle: [0, 0] });
		const plays = (seed: number) => [
			think(
				arena,
				{ ship: ships({ player: [0], x: [900], y: [900] }), asteroid: noRocks },
				seed,
				atRest(),
			),
			think(swarm, { agent, avatar }, seed, { turn: 0, thrust: false, call: false }),
		];
		expect(plays(7)).toEqual(plays(7));
		expect(plays(7)).not.toEqual(plays(8));
	});
});
