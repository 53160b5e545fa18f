const KEYS = {
	ArrowLeft: "left",
	ArrowRight: "right",
	ArrowUp: "up",
	ArrowDown: "down",
} as const;

export type Direction = (typeof KEYS)[keyof typeof KEYS];

/** A finger must be so far from where it was put down, pixels, to mean a direction. */
const DEAD_ZONE = 16;

/**
 * Tells which directions are held, by arrow keys or by a finger that is dragged. Whatever takes the page's
 * attention away lets all of them go: it would never hear that they went up. Returns what ends it.
 */
export function watchKeys(change: (direction: Direction, isDown: boolean) => void): () => void {
	const held = new Set<Direction>();
	const set = (direction: Direction, isDown: boolean): void => {
		if (held.has(direction) === isDown) return;
		if (isDown) held.add(direction);
		else held.delete(direction);
		change(direction, isDown);
	};
	const letGo = (): void => {
		for (const direction of [...held]) set(direction, false);
	};
	const end = new AbortController();
	const { signal } = end;
	for (const [kind, isDown] of [
		["keydown", true],
		["keyup", false],
	] as const) {
		addEventListener(
			kind,
			(event) => {
				const direction = KEYS[event.key as keyof typeof KEYS];
				if (!direction || event.ctrlKey || event.metaKey || event.altKey) return;
				// the page is not to scroll under the player
				event.preventDefault();
				set(direction, isDown);
			},
			{ signal },
		);
	}
	let from: { x: number; y: number } | null = null;
	const drag = ({ clientX, clientY }: PointerEvent): void => {
		if (!from) return;
		const x = clientX - from.x;
		const y = clientY - from.y;
		set("left", x < -DEAD_ZONE);
		set("right", x > DEAD_ZONE);
		set("up", y < -DEAD_ZONE);
		set("down", y > DEAD_ZONE);
	};
	const lift = (): void => {
		from = null;
		letGo();
	};
	const touch = (event: PointerEvent): void => {
		if (event.target instanceof HTMLButtonElement) return;
		from = { x: event.clientX, y: event.clientY };
	};
	addEventListener("pointerdown", touch, { signal });
	addEventListener("pointermove", drag, { signal });
	for (const kind of ["pointerup", "pointercancel"] as const)
		addEventListener(kind, lift, { signal });
	for (const kind of ["blur", "pagehide", "contextmenu"] as const) {
		addEventListener(kind, lift, { signal });
	}
	document.addEventListener("visibilitychange", lift, { signal });
	return () => {
		lift();
		end.abort();
	};
}
