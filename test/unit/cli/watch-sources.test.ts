import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { watchSources } from "../../../server/cli/watch-sources.ts";

let stop = () => {};
afterEach(() => stop());

/** A watched folder with a source in it and one below, and how often it was said to have changed. */
async function watched() {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-watch-"));
	await mkdir(path.join(folder, "rules"));
	await mkdir(path.join(folder, "generated"));
	for (const file of ["main.ts", "rules/move.ts"]) await writeFile(path.join(folder, file), "");
	const seen = { count: 0, running: 0, mostRunning: 0 };
	stop = watchSources(folder, async () => {
		seen.count++;
		seen.mostRunning = Math.max(seen.mostRunning, ++seen.running);
		await new Promise((resolve) => setTimeout(resolve, 20));
		seen.running--;
	});
	const settled = async (): Promise<number> => {
		let before = -1;
		while (before !== seen.count) {
			before = seen.count;
			await new Promise((resolve) => setTimeout(resolve, 150));
		}
		return seen.count;
	};
	/** Does it and waits until it has been noticed. */
	const noticed = async (change: () => Promise<unknown>): Promise<void> => {
		const before = await settled();
		await change();
		await expect.poll(() => seen.count, { timeout: 10_000 }).toBeGreaterThan(before);
	};
	const at = (name: string): string => path.join(folder, name);
	return { at, seen, settled, noticed };
}

describe("watchSources", () => {
	it("goes on noticing a file that an editor saves by putting a new one in its place", async () => {
		const { at, noticed, seen } = await watched();
		for (const file of ["main.ts", "rules/move.ts"]) {
			for (let n = 0; n < 3; n++) {
				await noticed(async () => {
					await writeFile(at("save.tmp"), `// ${n}`);
					await rename(at("save.tmp"), at(file));
				});
			}
			await noticed(() => writeFile(at(file), "// in place"));
		}
		expect(seen.mostRunning).toBe(1);
	});

	it("notices files that come later, in folders that come later or come back", async () => {
		const { at, noticed } = await watched();
		await noticed(() => writeFile(at("more.ts"), ""));
		for (let n = 0; n < 2; n++) {
			await noticed(async () => {
				await mkdir(at("maps"));
				await writeFile(at("maps/first.ts"), "");
			});
			await noticed(() => writeFile(at("maps/first.ts"), "// more"));
			await noticed(() => rm(at("maps"), { recursive: true }));
		}
	});

	it("leaves out what no author writes", async () => {
		const { at, settled } = await watched();
		const before = await settled();
		await writeFile(at("generated/layout.ts"), "");
		await writeFile(at("notes.txt"), "");
		await mkdir(at("node_modules"));
		await writeFile(at("node_modules/it.ts"), "");
		expect(await settled()).toBe(before);
	});
});
