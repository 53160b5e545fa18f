import { spawn } from "node:child_process";
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

/** Runs a host on a match file and hears what it says. */
export async function runHost(
	{ file, args }: Command,
	{ match, image, onTick }: HostOptions,
): Promise<HostRun> {
	const more = image ? [String(image.tick), image.file] : [];
	const child = spawn(file, [...args, match, ...more], { stdio: ["ignore", "pipe", "pipe"] });
	const found = { engine: "", startNs: 0, runNs: 0, peakBytes: 0 };
	let failure: string | null = null;
	let isDone = false;
	let isStopped = false;
	let complaints = "";
	const stop = (why: string | null): void => {
		failure ??= why;
		isStopped = true;
		// one that drives a browser ends it first
		child.kill();
		setTimeout(() => child.kill("SIGKILL"), VERIFY_LIMITS.killMs).unref();
	};
	const watch = setInterval(() => {
		found.peakBytes = Math.max(found.peakBytes, peakOf(child.pid));
	}, WATCH_MS);
	const silence = setTimeout(
		() => stop(`it said nothing for ${VERIFY_LIMITS.silenceMs / 1000} s`),
		VERIFY_LIMITS.silenceMs,
	);
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		complaints = (complaints + text).slice(-VERIFY_LIMITS.lineBytes);
	});
	const exited = new Promise<void>((resolve) => {
		child.once("error", (error) => {
			failure ??= error.message;
			resolve();
		});
		child.once("close", (code, signal) => {
			const how = signal ?? `code ${code}`;
			if (!isDone && !isStopped) failure ??= `it ended with ${how}: ${complaints.trim()}`;
			resolve();
		});
	});
	const hear = (line: string): void => {
		const tick = TICK_LINE.exec(line);
		if (tick) {
			const [, number = "", hash = "", fuel = ""] = tick;
			if (!onTick({ tick: Number(number), hash, fuel: Number(fuel) })) stop(null);
			return;
		}
		const [word = "", ...rest] = line.split(" ");
		const text = rest.join(" ");
		if (word === "engine") found.engine = text;
		else if (word === "start") found.startNs = Number(text);
		else if (word === "fail") failure ??= text;
		else if (word === "end") {
			isDone = true;
			found.runNs = Number(rest[1]);
			// what a host says of its memory counts more than what its own process had
			const known = rest[2] === undefined ? null : Number(rest[2]);
			found.peakBytes = known ?? Math.max(found.peakBytes, peakOf(child.pid));
		} else stop(`it says "${line.slice(0, 80)}"`);
	};
	for await (const line of createInterface({ input: child.stdout })) {
		if (isStopped) continue;
		silence.refresh();
		if (line.length > VERIFY_LIMITS.lineBytes) stop("it says a line that is far too long");
		else hear(line);
	}
	await exited;
	clearInterval(watch);
	clearTimeout(silence);
	return { ...found, failure };
}
