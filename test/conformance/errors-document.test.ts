import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { CLOSE_CODES, isFinal, JOIN_ERRORS } from "../../protocol/errors.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { SERVER_LIMITS } from "../../server/limits.ts";
import { MATCH_LIMITS } from "../../server/match/match-limits.ts";
import { readDocument } from "./document.ts";

const root = path.resolve(import.meta.dirname, "../..");
const document = readDocument("docs/errors.md");

/** Text below each `## ERR_…`, by name, in the document's order. */
const sections = new Map(
	document
		.split(/^## /m)
		.slice(1)
		.map((section) => {
			const [name = "", ...lines] = section.replace(/^# .*/ms, "").split("\n");
			return [name, lines.join("\n")] as const;
		}),
);

/** Names in the sources, but for the list of all of them, each with the first file that has it. */
function namesInSources(): Map<string, string> {
	const folders = ["protocol", "server", "client", "client-demo", "bots", "game-logic/sdk"];
	const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "--", ...folders], {
		cwd: root,
	});
	const names = new Map<string, string>();
	for (const file of files.toString().split("\n")) {
		if (!/\.(ts|mjs|html)$/.test(file) || file === "protocol/errors.ts") continue;
		let text = "";
		try {
			text = readFileSync(path.join(root, file), "utf8");
		} catch {
			continue; // deleted, and not yet committed
		}
		for (const [name] of text.matchAll(/\bERR_[A-Z][A-Z0-9_]*\b/g)) {
			if (!names.has(name)) names.set(name, file);
		}
	}
	return names;
}

describe("docs/errors.md", () => {
	it("explains every error name of the sources", () => {
		const missing = [...namesInSources()].filter(([name]) => !sections.has(name));
		expect(missing).toEqual([]);
	});

	it("explains no name that the sources do not have", () => {
		const names = namesInSources();
		expect([...sections.keys()].filter((name) => !names.has(name))).toEqual([]);
	});

	it("explains the names that the type ErrorName allows, and no other", () => {
		const source = readFileSync(path.join(root, "protocol/errors.ts"), "utf8");
		const names = new Set([...source.matchAll(/\bERR_[A-Z0-9_]+\b/g)].map(([name]) => name));
		expect([...sections.keys()].filter((name) => !names.has(name))).toEqual([]);
		expect([...names].filter((name) => !sections.has(name))).toEqual([]);
		// a group that is listed and forgotten in the union would allow none of its names
		const union = /export type ErrorName =([^;]*);/.exec(source)?.[1] ?? "";
		const groups = [...source.matchAll(/^(?:export )?type (\w+) =/gm)].map(([, name]) => name);
		const inUnion = new Set(union.match(/\w+/g));
		expect(groups.filter((name) => name !== "ErrorName" && !inUnion.has(name as string))).toEqual(
			[],
		);
	});

	it("has each name once, with what it means and what to do", () => {
		const headings = [...document.matchAll(/^## (.*)$/gm)].map(([, name]) => name);
		expect(headings).toEqual([...new Set(headings)]);
		const incomplete = [...sections].filter(
			([name, text]) => !/^ERR_[A-Z0-9_]+$/.test(name) || !/^\n\S.*\nDo: \S/s.test(text),
		);
		expect(incomplete.map(([name]) => name)).toEqual([]);
	});

	it("gives every reason for closing the code that the server closes with", () => {
		const said = [...sections].flatMap(([name, text]) => {
			const code = /^Close code: (\d+)/m.exec(text)?.[1];
			return code === undefined ? [] : [[name, Number(code)]];
		});
		expect(Object.fromEntries(said)).toEqual(CLOSE_CODES);
	});

	it("gives every HTTP error the status that the server answers with", () => {
		const files = ["server/ops", "server/worker/http"].flatMap((folder) =>
			readdirSync(path.join(root, folder), { recursive: true }).map((file) =>
				path.join(root, folder, String(file)),
			),
		);
		const text = files
			.filter((file) => file.endsWith(".ts"))
			.map((file) => readFileSync(file, "utf8"));
		const sent = [...text.join("\n").matchAll(/(\d{3}), \{\s*error: "(ERR_\w+)"/g)];
		const said = [...sections].flatMap(([name, section]) => {
			const status = /^Status (\d+)\./m.exec(section)?.[1];
			return status === undefined ? [] : [[name, status]];
		});
		const byName = Object.entries(JOIN_ERRORS).map(([name, status]) => [name, String(status)]);
		expect(Object.fromEntries(said)).toEqual(
			Object.fromEntries([...sent.map(([, status, name]) => [name, status]), ...byName]),
		);
	});

	it("tells nobody to come back at once whom the client SDK would not bring back", () => {
		for (const [name, text] of sections) {
			if (!(name in CLOSE_CODES)) continue;
			if (/Do: connect again/.test(text)) expect([name, isFinal(name)]).toEqual([name, false]);
		}
	});

	it("states the limits that the code has", () => {
		const text = document.replace(/\s+/g, " ");
		for (const sentence of [
			`is over ${LIMITS.clientMessageBytes} bytes. Do: send inputs more often, at most ${LIMITS.inputsPerMessage}`,
			`more than ${LIMITS.messagesPerSecond} messages a second, or ${LIMITS.messageBurst} at once`,
			`No hello within ${LIMITS.helloTimeoutMs / 1000} s`,
			`over ${LIMITS.playerNameChars} characters or ${LIMITS.playerNameBytes} bytes`,
			`close after ${LIMITS.emptyRoomMs / 1000} s`,
			`no sign of life for ${LIMITS.silenceMs / 1000} s: no message, and no answer to a WebSocket ping (one every ${LIMITS.heartbeatMs / 1000} s). Its seat is held for ${LIMITS.seatGraceMs / 1000} s more`,
			`no snapshot for ${LIMITS.stalledClientMs / 1000} s`,
			`target is over ${SERVER_LIMITS.httpTargetBytes} bytes`,
			`The file is over ${LIMITS.moduleBytes / 2 ** 20} MiB`,
			`may grow over ${LIMITS.memoryBytes / 2 ** 20} MiB`,
			`More than ${MATCH_LIMITS.ticketMs / 1000} s passed between the answer`,
			`over ${MATCH_LIMITS.tokenChars} characters, has no expiry`,
			`more than ${MATCH_LIMITS.claimBytes} bytes of claims`,
			`expired (\`exp\`) more than ${MATCH_LIMITS.skewSeconds} s ago`,
			`missing, empty or over ${MATCH_LIMITS.userBytes} bytes`,
			`took more than ${SERVER_LIMITS.verifyMs / 1000} s`,
		]) {
			expect(text).toContain(sentence);
		}
	});
});
