import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import * as testing from "../../testing/index.ts";
import { repositoryRoot } from "../support/repository-root.ts";

function read(file: string): string {
	return readFileSync(path.join(repositoryRoot(), file), "utf8");
}

const document = read("docs/testing-a-game.md");

describe("docs/testing-a-game.md", () => {
	it("begins with a test that is run here as it stands there", () => {
		const [, shown] = /```ts\n([\s\S]*?)```/.exec(document) ?? [];
		const run = read("test/sim/example.test.ts");
		const here = (text = ""): string => text.replaceAll("../../game-logic/arena", "./arena");
		expect(shown).toBe(here(run));
	});

	it("names only what there is: methods of a world and of a link", async () => {
		const world = await testing.createWorld({ games: [] });
		const named = [...document.matchAll(/`(world|link)\.([a-zA-Z]+)/g)];
		expect(named.length).toBeGreaterThan(10);
		const link = testing.ClientLink.prototype;
		const missing = named.filter(([, of, name = ""]) => !(name in (of === "world" ? world : link)));
		expect(missing.map(([text]) => text)).toEqual([]);
	});
});
