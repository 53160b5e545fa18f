import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { loadSchema } from "../../game-logic/sdk/load-schema.ts";
import { planGame } from "../../game-logic/sdk/plan/plan.ts";
import { type PlanJson, planJson } from "../../game-logic/sdk/plan/plan-json.ts";
import { Simulation } from "../../protocol/abi/simulation.ts";
import { moduleFile, sourceFolder } from "../fixtures/build-module.ts";
import { assembleWat } from "../support/assemble-wat.ts";

const BASE = 1_024;

/** The block of a plan as whoever reads its JSON would write it, at BASE. */
function blockOf({ block, constants, pointers }: PlanJson): Buffer {
	const bytes = Buffer.alloc(block.bytes);
	for (const { offset, hex } of constants) bytes.set(Buffer.from(hex, "hex"), offset);
	for (const at of pointers) bytes.writeUInt32LE(bytes.readUInt32LE(at) + BASE, at);
	return bytes;
}

/** A descriptor without its addresses, which every language chooses for itself. */
function withoutAddresses(descriptor: object): unknown {
	return JSON.parse(
		JSON.stringify(descriptor, (key, value) => {
			const isAddress = ["ctx", "inbox", "outbox", "gen", "used", "address", "data"].includes(key);
			return isAddress && typeof value === "number" ? undefined : value;
		}),
	);
}

describe("a plan as JSON", () => {
	it.each(["dots", "meadow"] as const)(
		"is enough to describe %s as its AssemblyScript does",
		async (game) => {
			const { spec } = await loadSchema(path.join(sourceFolder(game), "schema.ts"));
			const json = JSON.parse(JSON.stringify(planJson(planGame(spec)))) as PlanJson;
			const hex = blockOf(json).toString("hex").replaceAll(/../g, "\\$&");
			const own = assembleWat(`(module
				(memory (export "memory") ${json.maxPages} ${json.maxPages})
				(data (i32.const ${BASE}) "${hex}")
				(func (export "hs_describe") (result i32) (i32.const ${BASE + json.descriptor}))
				(func (export "hs_tick") (result i32) (i32.const 0)))`);
			const made = Simulation.create(new WebAssembly.Module(await own));
			const theirs = Simulation.create(
				new WebAssembly.Module(new Uint8Array(await readFile(await moduleFile(game)))),
			);
			if ("error" in made || "error" in theirs) throw new Error("a module was refused");
			expect(withoutAddresses(made.simulation.descriptor)).toEqual(
				withoutAddresses(theirs.simulation.descriptor),
			);
		},
	);
});
