import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Command } from "./engine.ts";
import { VERIFY_LIMITS } from "./verify-limits.ts";

/** What a host says of a tick. */
export interface HostTick {
	readonly tick: number;
	readonly hash: string;
	readonly fuel: number;
}

export interface HostRun {
	/** As the host names its engine, with its version. */
	readonly engine: string;
	/** From the module's bytes to the state before the first tick, ns. */
	readonly startNs: number;
	/** In `hs_tick` and writing the inbox, all ticks together, ns. */
	readonly runNs: number;
	/** Most memory that its process had, bytes; 0 where the system does not tell. */
	readonly peakBytes: number;
	/** Why it stopped too early, or null. */
	readonly failure: string | null;
}

interface HostOptions {
	readonly match: string;
	/** Where the image after a tick is to go: the host stops there. */
	readonly image?: { readonly tick: number; readonly file: string };
	/** Called for each tick; false ends the host. */
	readonly onTick: (tick: HostTick) => boolean;
}

const TICK_LINE = /^tick (\d{1,10}) ([0-9a-f]{16}) (-?\d{1,10})$/;
/** Linux says what a process had at most; its last word is asked for this often, ms. */
const WATCH_MS = 25;

/** Peak resident bytes of a process that is alive, or 0. */
function peakOf(pid: number | undefined): number {
	try {
		const status = readFileSync(`/proc/${pid}/status`, "utf8");
		return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
	} catch {
		return 0;
	}
}

/** What a host has said so far. */
class HostSpeech {
	engine = "";
	startNs = 0;
	runNs = 0;
	/** Null as long as the host has said nothing of it. */
	peakBytes: number | null = null;
	failure: string | null = null;
	isDone = false;
	private readonly onTick: HostOptions["onTick"];
	/** Ends the host: nothing more is wanted of it. */
	private readonly stop: () => void;

	constructor(onTick: HostOptions["onTick"], stop: () => void) {
		this.onTick = onTick;
		this.stop = stop;
	}

	hear(line: string): void {
		if (line.length > VERIFY_LIMITS.lineBytes)
			return this.fail("it says a line that is far too long");
		const tick = TICK_LINE.exec(line);
		if (tick) {
			const [, number = "", hash = "", fuel = ""] = tick;
			if (!this.onTick({ tick: Number(number), hash, fuel: Number(fuel) })) this.stop();
			return;
		}
		const [word = "", ...rest] = line.split(" ");
		const text = rest.join(" ");
		if (word === "engine") this.engine = text;
		else if (word === "start") this.startNs = Number(text);
		else if (word === "fail") this.failure ??= text;
		else if (word === "end") {
			this.isDone = true;
			this.runNs = Number(rest[1]);
			if (rest[2] !== undefined) this.peakBytes = Number(rest[2]);
		} else this.fail(`it says "${line.slice(0, 80)}"`);
	}

	fail(why: string): void {
		this.failure ??= why;
		this.stop();
	}
}

/** Resolves when a process is over, with what is to be said of that if it came too early. */
function endOf(child: ChildProcess): Promise<string> {
	let complaints = "";
	child.stderr?.setEncoding("utf8").on("data", (text: string) => {
		complaints = (complaints + text).slice(-VERIFY_LIMITS.lineBytes);
	});
	return new Promise((resolve) => {
		child.once("error", (error) => resolve(error.message));
		child.once("close", (code, signal) => {
			const how = signal ?? `code ${code}`;
			resolve(`it ended with ${how}: ${complaints.trim()}`);
		});
	});
}

/** Runs a host on a match file and hears what it says. */
export async function runHost(
	{ file, args }: Command,
	{ match, image, onTick }: HostOptions,
): Promise<HostRun> {
	const more = image ? [String(image.tick), image.file] : [];
	const child = spawn(file, [...args, match, ...more], { stdio: ["ignore", "pipe", "pipe"] });
	let isStopped = false;
	const speech = new HostSpeech(onTick, () => {
		isStopped = true;
		// one that drives a browser ends it first
		child.kill();
		setTimeout(() => child.kill("SIGKILL"), VERIFY_LIMITS.killMs).unref();
	});
	let peakBytes = 0;
	const watch = setInterval(() => {
		peakBytes = Math.max(peakBytes, peakOf(child.pid));
	}, WATCH_MS);
	const silence = setTimeout(
		() => speech.fail(`it said nothing for ${VERIFY_LIMITS.silenceMs / 1000} s`),
		VERIFY_LIMITS.silenceMs,
	);
	const ended = endOf(child);
	for await (const line of createInterface({ input: child.stdout })) {
		if (isStopped) continue;
		silence.refresh();
		speech.hear(line);
		if (speech.isDone) peakBytes = Math.max(peakBytes, peakOf(child.pid));
	}
	const how = await ended;
	clearInterval(watch);
	clearTimeout(silence);
	if (!speech.isDone && !isStopped) speech.failure ??= how;
	const { engine, startNs, runNs, failure } = speech;
	// what a host says of its memory counts more than what its own process had
	return { engine, startNs, runNs, peakBytes: speech.peakBytes ?? peakBytes, failure };
}
