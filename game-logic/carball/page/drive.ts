/** What a driver holds. */
export interface Held {
	readonly steer: number;
	readonly throttle: number;
	readonly boost: boolean;
}

const KEYS: Readonly<Record<string, "left" | "right" | "up" | "down" | "boost">> = {
	...{ ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", " ": "boost" },
	...{ a: "left", d: "right", w: "up", s: "down", Shift: "boost" },
};
const FULL = 127;
/** Pixels that a finger is dragged for full steer or throttle. */
const FULL_DRAG = 70;

/**
 * Hears keys, and a finger that is dragged like a stick; a second finger boosts. Whatever takes the page's attention
 * away lets go of all. Returns what ends it.
 */
export function watchDriver(change: (held: Held) => void): () => void {
	const keys = new Set<string>();
	const fingers = new Map<number, { x: number; y: number; dx: number; dy: number }>();
	const end = new AbortController();
	const { signal } = end;
	const tell = (): void => {
		const axis = (plus: string, minus: string): number =>
			(Number(keys.has(plus)) - Number(keys.has(minus))) * FULL;
		const [stick] = fingers.values();
		const part = (pixels: number): number =>
			Math.round(Math.max(-1, Math.min(1, pixels / FULL_DRAG)) * FULL);
		change({
			steer: stick ? part(stick.dx) : axis("right", "left"),
			throttle: stick ? part(-stick.dy) : axis("up", "down"),
			boost: keys.has("boost") || fingers.size > 1,
		});
	};
	const press = (event: KeyboardEvent): void => {
		const key = KEYS[event.key];
		if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
		event.preventDefault();
		if (event.type === "keydown") keys.add(key);
		else keys.delete(key);
		tell();
	};
	const touch = (event: PointerEvent): void => {
		if (event.target instanceof HTMLButtonElement) return;
		if (event.type === "pointerdown") {
			fingers.set(event.pointerId, { x: event.clientX, y: event.clientY, dx: 0, dy: 0 });
		}
		const finger = fingers.get(event.pointerId);
		if (!finger) return;
		finger.dx = event.clientX - finger.x;
		finger.dy = event.clientY - finger.y;
		if (event.type === "pointerup" || event.type === "pointercancel") {
			fingers.delete(event.pointerId);
		}
		tell();
	};
	const letGo = (): void => {
		keys.clear();
		fingers.clear();
		tell();
	};
	for (const kind of ["keydown", "keyup"] as const) addEventListener(kind, press, { signal });
	for (const kind of ["pointerdown", "pointermove", "pointerup", "pointercancel"] as const) {
		addEventListener(kind, touch, { signal });
	}
	for (const kind of ["blur", "pagehide"] as const) addEventListener(kind, letGo, { signal });
	document.addEventListener("visibilitychange", letGo, { signal });
	return () => {
		letGo();
		end.abort();
	};
}
