import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { repositoryRoot } from "../support/repository-root.ts";

const root = repositoryRoot();

interface Packed {
	readonly entryCount: number;
	readonly unpackedSize: number;
	readonly files: readonly { readonly path: string }[];
}

let packed: Packed;
beforeAll(() => {
	const shell = process.platform === "win32";
	const out = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
		cwd: root,
		shell,
		stdio: ["ignore", "pipe", "ignore"],
	});
	[packed] = JSON.parse(String(out)) as [Packed];
}, 60_000);

/** Files that a built file loads, by its imports, and names of packages. */
function loadedBy(entry: string): { files: Set<string>; packages: Set<string> } {
	const files = new Set<string>();
	const packages = new Set<string>();
	const follow = (file: string): void => {
		if (files.has(file)) return;
		files.add(file);
		const text = readFileSync(file, "utf8");
		for (const [, from = ""] of text.matchAll(/(?:from |import |import\()"([^"]+)"/g)) {
			if (from.startsWith(".")) follow(path.resolve(path.dirname(file), from));
			else packages.add(from);
		}
	};
	follow(path.join(root, entry));
	return { files, packages };
}

describe("the package", () => {
	it("has what runs, and no tests, measurements, pictures or maps", () => {
		const names = packed.files.map((file) => file.path);
		expect(names).toContain("dist/server/cli.js");
		expect(names).toContain("game-logic/template/page/main.ts");
		const isForUs = /^dist\/(test|bench|fixtures|client-demo|swaps)\/|\.(png|map|test\.\w+)$/;
		expect(names.filter((name) => isForUs.test(name))).toEqual([]);
		expect(packed.entryCount).toBeLessThan(860);
		expect(packed.unpackedSize).toBeLessThan(2_900_000);
	});

	it("has every file that its entries name, with its types", () => {
		const { exports, main, types, typesVersions } = JSON.parse(
			readFileSync(path.join(root, "package.json"), "utf8"),
		) as {
			exports: Record<string, string | Record<string, string>>;
			main: string;
			types: string;
			typesVersions: Record<string, Record<string, string[]>>;
		};
		const names = new Set(packed.files.map((file) => `./${file.path}`));
		const wanted = [
			main,
			types,
			...Object.values(exports).flatMap((entry) =>
				typeof entry === "string" ? [entry] : Object.values(entry),
			),
			...Object.values(typesVersions["*"] ?? {}).flat(),
		];
		expect(wanted.filter((file) => !names.has(file))).toEqual([]);
		const client = path.join(root, "client");
		const fallback = JSON.parse(readFileSync(path.join(client, "package.json"), "utf8")) as Record<
			string,
			unknown
		>;
		for (const key of ["main", "module", "browser", "react-native", "types"]) {
			expect(existsSync(path.join(client, String(fallback[key])))).toBe(true);
		}
	});

	it("has a client for browsers that asks for nothing of Node", () => {
		const { files, packages } = loadedBy("dist/client/browser.js");
		expect(files.size).toBeGreaterThan(20);
		expect([...packages]).toEqual(["@msgpack/msgpack"]);
		expect([...loadedBy("dist/client/index.js").packages].sort()).toEqual([
			"@msgpack/msgpack",
			"ws",
		]);
	});
});
