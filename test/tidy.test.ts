import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "..");
const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root })
	.toString()
	.split("\n")
	.filter((file) => file !== "");
const sources = files.filter(
	(file) =>
		/^(protocol|server|client|client-demo|monitor|bots|bench|testing|game-logic)\/.*\.ts$/.test(
			file,
		) &&
		!/^game-logic\/[^/]+\/(assembly|rules|main)\b/.test(file) &&
		!file.startsWith("bench/peers/"),
);

function read(file: string): string {
	return readFileSync(path.join(root, file), "utf8");
}

/** Files that a source imports, relative to the root, and bare package names. */
function importsOf(file: string): string[] {
	const found = read(file).matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g);
	return [...found].map(([, name = ""]) =>
		name.startsWith(".") ? path.join(path.dirname(file), name) : name,
	);
}

/** Which folders a folder's sources may import from. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
	protocol: [],
	client: ["protocol"],
	server: ["protocol"],
	testing: ["protocol", "client", "server"],
	"client-demo": ["client", "protocol", "game-logic"],
	monitor: ["protocol"],
	bots: ["client", "protocol", "game-logic"],
	bench: ["client", "protocol", "server", "bots", "game-logic"],
	"game-logic": ["protocol", "client", "bots"],
};

/** Facts about the installation, which every program on Node may read. */
const FOR_ALL = new Set(["server/installation.ts"]);

/** Rooms of the server that know the protocol but not one another; `room` alone wires them. */
const SERVER_ROOMS = ["socket", "input", "module", "snapshot"];

describe("the tree", () => {
	it("imports only downwards: protocol, then client or server, then the programs", () => {
		const wrong: string[] = [];
		for (const file of sources) {
			const own = file.split("/")[0];
			for (const target of importsOf(file)) {
				const folder = target.split("/")[0];
				if (!(folder in MAY_IMPORT) || folder === own || FOR_ALL.has(target)) continue;
				if (!MAY_IMPORT[own]?.includes(folder)) wrong.push(`${file} -> ${target}`);
			}
		}
		expect(wrong).toEqual([]);
	});

	it("keeps the server's socket, input, module and snapshot apart", () => {
		const wrong: string[] = [];
		for (const file of sources.filter((f) => f.startsWith("server/"))) {
			const own = file.split("/")[1];
			if (!SERVER_ROOMS.includes(own)) continue;
			for (const target of importsOf(file)) {
				if (!target.startsWith("server/")) continue;
				if (target.split("/")[1] !== own) wrong.push(`${file} -> ${target}`);
			}
		}
		expect(wrong).toEqual([]);
	});

	it("lets protocol depend on msgpack alone", () => {
		const packages = sources
			.filter((file) => file.startsWith("protocol/"))
			.flatMap(importsOf)
			.filter((name) => !name.startsWith("protocol/"));
		expect([...new Set(packages)]).toEqual(["@msgpack/msgpack"]);
	});

	it("keeps files small enough to be one room each", () => {
		const long = sources
			.map((file) => ({ file, lines: read(file).split("\n").length }))
			.filter(({ lines }) => lines > 350);
		expect(long).toEqual([]);
	});

	it("has named exports only, except where a tool asks for a default", () => {
		const allowed = /(?:^(?:game-logic|bench\/games)\/[^/]+\/schema\.ts|\.config\.ts)$/;
		const wrong = sources.filter((f) => !allowed.test(f) && /^export default/m.test(read(f)));
		expect(wrong).toEqual([]);
	});

	it("leaves no note for someone else and no machine's path", () => {
		const marks = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X"].join("|")})\\b`);
		const texts = files.filter((f) => /\.(ts|mjs|md|html|css|json|yml)$/.test(f));
		const wrong = texts.filter((file) => {
			const text = read(file);
			return marks.test(text) || /(^|[\s"'`(])\/(root|home|Users)\//m.test(text);
		});
		expect(wrong).toEqual([]);
	});

	it("records no download address in the lock file", () => {
		expect(read("package-lock.json")).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
	});
});
