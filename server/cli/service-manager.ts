import { execFile } from "node:child_process";
import type { Log } from "../log.ts";

/** How long the program may take that brings a message to systemd, ms: it waits for systemd to have read it. */
const TELL_MS = 5_000;

/** What systemd hears of a `Type=notify` service; without one, nothing is said. */
interface ServiceManager {
	/** The server serves; `mainPid` when that is another process than systemd started. */
	ready(mainPid?: number): void;
	/** Resolves when systemd knows. */
	stopping(): Promise<void>;
	/** Says that the server lives, as often as systemd wants to hear it, whenever `isAlive`. */
	watchdog(isAlive: () => boolean): void;
	close(): void;
}

/** Node has no datagram sockets of the file system: systemd's own program tells it, at abstract addresses too. */
export function openServiceManager(env: NodeJS.ProcessEnv, log: Log): ServiceManager {
	const isThere = (env.NOTIFY_SOCKET ?? "") !== "";
	let last: Promise<void> = Promise.resolve();
	let timer: NodeJS.Timeout | null = null;
	const run = (words: readonly string[]): Promise<void> =>
		new Promise((resolve) => {
			execFile("systemd-notify", words, { env, timeout: TELL_MS }, (error) => {
				const hint = "install systemd-notify, and set NotifyAccess=all in the unit";
				if (error) log("error", "systemd is not told", { detail: error.message, hint });
				resolve();
			});
		});
	// one after the other: what is said last must hold
	const tell = (...words: string[]): Promise<void> => {
		if (isThere) last = last.then(() => run(words));
		return last;
	};
	return {
		ready(mainPid) {
			void tell(...(mainPid === undefined ? [] : [`MAINPID=${mainPid}`]), "READY=1");
		},
		stopping: () => tell("STOPPING=1"),
		watchdog(isAlive) {
			const everyMs = Number(env.WATCHDOG_USEC) / 1000;
			if (!isThere || !(everyMs > 0)) return;
			// twice in the time that it has, as sd_watchdog_enabled(3) advises
			timer = setInterval(() => {
				if (isAlive()) void tell("WATCHDOG=1");
			}, everyMs / 2);
			timer.unref();
		},
		close() {
			if (timer) clearInterval(timer);
		},
	};
}
