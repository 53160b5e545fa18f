import { describe, expect, it } from "vitest";
import { createLog } from "../../../server/ops/json-log.ts";
import { LogWriter, type WriteBytes } from "../../../server/ops/log-writer.ts";

/** A reader that takes what it is given when the test says so. */
function reader() {
	const taken: string[] = [];
	let pending: { bytes: Uint8Array; done: Parameters<WriteBytes>[1] } | null = null;
	const writer = new LogWriter((bytes, done) => {
		pending = { bytes, done };
	});
	return {
		writer,
		get text() {
			return taken.join("");
		},
		/** Takes all that is on its way, or so many bytes of it. */
		take(most = Number.POSITIVE_INFINITY): void {
			const now = pending;
			pending = null;
			if (!now) return;
			const part = now.bytes.subarray(0, most);
			taken.push(Buffer.from(part).toString());
			now.done(null, part.length);
		},
		fail(code: string): void {
			const now = pending;
			pending = null;
			now?.done(Object.assign(new Error(code), { code }), 0);
		},
	};
}

describe("the writer of a log", () => {
	it("keeps order, whatever pieces its reader takes", () => {
		const log = reader();
		for (let i = 0; i < 5; i++) log.writer.line(`line ${i}`);
		for (let i = 0; i < 40; i++) log.take(3);
		expect(log.text).toBe("line 0\nline 1\nline 2\nline 3\nline 4\n");
		expect(log.writer.lost).toBe(0);
	});

	it("holds so much for a reader that has stopped, loses the rest, and says so when it reads again", () => {
		const log = reader();
		const line = "x".repeat(1023);
		for (let i = 0; i < 3_000; i++) log.writer.line(line);
		const { lost } = log.writer;
		expect(lost).toBe(3_000 - 1_024);
		while (!log.text.includes("lost")) log.take();
		const [last] = log.text.trimEnd().split("\n").slice(-1);
		expect(JSON.parse(last ?? "")).toMatchObject({ message: "log lines were lost", lines: lost });
		log.take();
		log.writer.line("after");
		log.take();
		expect(log.text.endsWith("after\n")).toBe(true);
		expect(log.writer.lost).toBe(lost);
	});

	it("goes on when its reader goes away, and counts what nobody got", () => {
		const log = reader();
		const write = createLog("info", log.writer);
		for (let i = 0; i < 3; i++) {
			write("info", "nobody hears this");
			log.fail("EPIPE");
		}
		expect(log.writer.lost).toBe(3);
		write("info", "heard");
		log.take();
		expect(log.text).toContain('"heard"');
		log.take();
		expect(log.text).toContain('"lines":3');
	});

	it("does not wait for ever when the server stops", async () => {
		const log = reader();
		await log.writer.flushed(1);
		log.writer.line("stuck");
		await log.writer.flushed(1);
		const written = log.writer.flushed(60_000);
		log.take();
		await written;
		expect(log.text).toBe("stuck\n");
	});
});
