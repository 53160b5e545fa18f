import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const CANDIDATES = [
	process.env.CHROMIUM,
	"/usr/bin/chromium",
	"/usr/bin/chromium-browser",
	"/usr/bin/google-chrome",
];

/** A browser of this machine, or null. */
export function findBrowser(): string | null {
	return CANDIDATES.find((file) => file !== undefined && existsSync(file)) ?? null;
}

/** True when tests that need a browser can run; says so when they cannot, or fails where they must. */
export function hasBrowser(): boolean {
	if (findBrowser() !== null) return true;
	if (process.env.HOTSTEP_BROWSER === "required") {
		throw new Error("there is no Chromium, and HOTSTEP_BROWSER says that there must be one");
	}
	console.warn("SKIPPED: the browser tests need Chromium (set CHROMIUM to its file)");
	return false;
}

export function launchBrowser(): Promise<Browser> {
	return chromium.launch({
		executablePath: findBrowser() ?? "",
		args: [
			// root may not use the sandbox; the others keep it from talking to anybody
			"--no-sandbox",
			"--disable-gpu",
			"--disable-quic",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
		],
	});
}
