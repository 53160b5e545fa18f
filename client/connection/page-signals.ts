import type { StopTimer } from "../timers.ts";

interface Target {
	addEventListener?(type: string, listener: () => void): void;
	removeEventListener?(type: string, listener: () => void): void;
}

/** Listens for moments after which the connection may have changed. Only browsers have them. */
export type WatchPage = (changed: () => void) => StopTimer;

/** The network came back or changed, the page is seen again, or was taken out of the browser's cache. */
export const watchPage: WatchPage = (changed) => {
	const { window, document, navigator } = globalThis as {
		window?: Target;
		document?: Target & { visibilityState?: string };
		navigator?: { connection?: Target };
	};
	const seen = (): void => {
		if (document?.visibilityState === "visible") changed();
	};
	const heard: [Target | undefined, string, () => void][] = [
		[window, "online", changed],
		[window, "pageshow", changed],
		[document, "visibilitychange", seen],
		[navigator?.connection, "change", changed],
	];
	for (const [target, type, listener] of heard) target?.addEventListener?.(type, listener);
	return () => {
		for (const [target, type, listener] of heard) target?.removeEventListener?.(type, listener);
	};
};
