import { beforeAll, describe, expect, it } from "vitest";
import type { OutboxHandler } from "../../../protocol/abi/outbox-reader.ts";
import { Simulation } from "../../../protocol/abi/simulation.ts";
import { buildModule } from "../../fixtures/build-module.ts";

let module: WebAssembly.Module;

beforeAll(async () => {
	module = await buildModule("duel");
}, 60_000);

function play(): { simulation: Simulation; effects: [number, number, string][]; tick(): void } {
	const created = Simulation.create(module);
	if ("error" in created) throw new Error(created.detail);
	const { simulation } = created;
	const effects: [number, number, string][] = [];
	const handler: OutboxHandler = {
		...{ event() {}, eventNear() {}, refuse() {}, kick() {} },
		effect: (effect, player, payload) =>
			effects.push([effect, player, Buffer.from(payload).toString("hex")]),
	};
	let next = 0;
	const tick = (): void => {
		expect(simulation.tick(next++)).toBeNull();
		expect(simulation.outbox.read(simulation.outboxLength, handler)).toBeNull();
		simulation.inbox.clear();
	};
	simulation.init(1);
	return { simulation, effects, tick };
}

const column = (simulation: Simulation, name: string): number =>
	simulation.tables[0]?.columns.find(({ about }) => about.name === name)?.values[0] as number;

describe("rules in AssemblyScript", () => {
	it("say results and ask requests, about a player or nobody", () => {
		const { simulation, effects, tick } = play();
		expect(simulation.descriptor.effects.map(({ name, answer }) => [name, !!answer])).toEqual([
			["match", false],
			["standing", false],
			["profile", true],
			["weather", true],
		]);
		simulation.inbox.join(3, "Ada");
		simulation.inbox.input(3, Uint8Array.of(1, 1), 0, 0);
		tick();
		expect(effects).toEqual([
			[2, 3, "00000000"],
			[3, -1, ""],
			[0, -1, "0300000000000000"],
			[1, 3, "01000000"],
		]);
	});

	it("read answers, and know a failure from one", () => {
		const { simulation, tick } = play();
		simulation.inbox.join(1, "Ada");
		tick();
		simulation.inbox.answer(1, 2, { tick: 0, n: 0 }, 4, Uint8Array.of(7, 0, 1, 0));
		tick();
		expect(column(simulation, "level")).toBe(1007);
		simulation.inbox.answer(1, 2, { tick: 0, n: 0 }, 4, null);
		tick();
		expect([column(simulation, "level"), column(simulation, "failures")]).toEqual([1007, 1]);
		simulation.inbox.answer(0xffff, 3, { tick: 2, n: 0 }, 0, new Uint8Array(0));
		tick();
		expect(column(simulation, "level")).toBe(1012);
	});

	it("say nothing where a client predicts", () => {
		const { simulation, effects, tick } = play();
		simulation.isPredicting = true;
		simulation.inbox.join(0, "Ada");
		tick();
		expect(effects).toEqual([]);
	});
});
