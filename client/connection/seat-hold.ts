export type Release = () => void;

/** How long to wait for another page to release a seat: a page that reloads releases it first. */
const LOCK_WAIT_MS = 400;
/** How long other pages have to claim a seat. */
const ANSWER_WAIT_MS = 150;

interface Word {
	readonly type: "asks" | "has";
	readonly token: string;
}

/** Uses the browser's locks, which end with their page; only pages of a secure origin have them. */
function holdByLock(locks: LockManager, token: string): Promise<Release | null> {
	return new Promise((resolve) => {
		const signal = AbortSignal.timeout(LOCK_WAIT_MS);
		const held = (): Promise<void> => new Promise((release) => resolve(release));
		locks.request(`hotstep seat ${token}`, { signal }, held).catch(() => resolve(null));
	});
}

/** Asks the other pages of this origin. */
function holdByWord(token: string): Promise<Release | null> {
	const channel = new BroadcastChannel("hotstep seats");
	return new Promise((resolve) => {
		let isOurs = false;
		const settle = setTimeout(() => {
			isOurs = true;
			resolve(() => channel.close());
		}, ANSWER_WAIT_MS);
		channel.onmessage = ({ data }: MessageEvent<Word>) => {
			if (data?.token !== token) return;
			if (data.type === "asks" && isOurs) channel.postMessage({ type: "has", token });
			if (data.type !== "has" || isOurs) return;
			clearTimeout(settle);
			channel.close();
			resolve(null);
		};
		channel.postMessage({ type: "asks", token } satisfies Word);
	});
}

/**
 * Holds a seat for this page: a duplicated tab has a copy of the store, and must not take the seat from
 * the page that plays. Null if another page has it; outside browsers there is no other.
 */
export function holdSeat(token: string): Promise<Release | null> {
	if (typeof document !== "undefined") {
		const locks = globalThis.navigator?.locks;
		if (locks) return holdByLock(locks, token);
		if (typeof BroadcastChannel === "function") return holdByWord(token);
	}
	return Promise.resolve(() => {});
}
