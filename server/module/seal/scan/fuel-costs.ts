/**
 * Costs of instructions. A weight is about a tenth of a nanosecond of a machine of 2024: what an
 * instruction took in a loop of nothing else, each waiting for the last, in whichever of V8's compilers
 * was slower. Weights are summed over a region and rounded up to fuel, so a unit of fuel is at most
 * half a nanosecond; games, whose instructions overlap, take less than a tenth. Weights cannot account
 * for cache misses: chasing pointers over 16 MiB takes 20 to 50 ns per unit.
 *
 * They are part of the sealed bytes: changing one changes the hash of every module.
 */
export const WEIGHT = {
	/** Constants, locals, block ends: a compiler makes little or nothing of them. */
	free: 1,
	integer: 3,
	multiply: 10,
	divide32: 45,
	divide64: 70,
	float: 8,
	divideFloat: 55,
	root: 80,
	round: 10,
	/** min, max and copysign: their rules for NaN and zero take several instructions. */
	leastFloat: 20,
	convert: 28,
	load: 12,
	global: 12,
	tableGet: 35,
	/** A branch, predicted wrongly every other time. */
	branch: 8,
	branchTable: 20,
	/** A call, beside its parameters and the callee's `entry`. */
	call: 10,
	indirectCall: 40,
	/** Once per pass of a loop, beside its instructions. */
	loop: 15,
	/** Once per call, beside the instructions; and for each local, which is set to zero. */
	entry: 40,
	local: 2,
	vector: 6,
	vectorSlow: 16,
	vectorLeast: 24,
	vectorConvert: 60,
	lane: 16,
} as const;

/** Weights in a unit of fuel. */
const WEIGHTS_PER_FUEL = 4;

export function fuelOf(weight: number): number {
	return Math.ceil(weight / WEIGHTS_PER_FUEL);
}

/** Fuel, charged where it is spent. */
export const FUEL = {
	/** A bulk memory operation, and one unit more for each 8 bytes. */
	bulk: 30,
	bulkShift: 3,
	/** memory.grow: the engine makes a new buffer object even for no page; then per page. */
	grow: 2_000,
	growPage: 12_000,
	/** A line for the log: the host decodes up to 512 bytes. */
	log: 8_000,
	/**
	 * Code that may be skipped is charged separately from this much on. With less, small pieces would
	 * spend as much time on charging as on themselves; with more, games would pay for rows they skip.
	 */
	ownRegion: 96,
} as const;
