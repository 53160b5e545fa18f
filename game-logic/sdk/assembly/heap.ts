/*
 * What a tick allocates and nothing refers to any more is given back at its end, when no call is under
 * way that could still hold it. Most games allocate nothing in most ticks, so whether there is anything
 * to do is asked first: the collector keeps its objects in a list, newest last, and writes the next one
 * into the header of each.
 *
 *     -20 u32 size | -16 u32 next, and a colour | -12 u32 previous | -8 u32 class | -4 u32 size | object
 */
const NEXT: usize = 16;

// made at the last collection: whatever was allocated since comes after it
// @ts-ignore: decorator
@lazy let newest: ArrayBuffer = new ArrayBuffer(0);
// @ts-ignore: decorator
@lazy let nextOfNewest: usize = 0;

/** Frees every object that no global reaches. Not to be called while a function holds one. */
export function collectGarbage(): void {
	if (load<usize>(changetype<usize>(newest) - NEXT) == nextOfNewest) return;
	__collect();
	newest = new ArrayBuffer(0);
	nextOfNewest = load<usize>(changetype<usize>(newest) - NEXT);
}
