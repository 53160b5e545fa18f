import type { SeededRandom } from "../../../protocol/seeded-random.ts";

/** What goes wrong in a run, and how often. */
export interface Faults {
	/** Shares of messages. */
	readonly dropped: number;
	readonly doubled: number;
	readonly slow: number;
	/** Messages of the register overtake one another, as those of a store may. */
	readonly reordersRegister: boolean;
	/** Shares of the effects before which a process is killed, or stands still for a while. */
	readonly workerKilled: number;
	readonly registerKilled: number;
	readonly stalled: number;
	/** Share of the stalled workers that are given up for dead and wake up again. */
	readonly givenUp: number;
	/** Share of the register's restarts that are orderly: its state goes on. */
	readonly succeeded: number;
	/** Shares of the rooms that cannot be built, or are built wrong, or not read from the logs. */
	readonly unbuilt: number;
	readonly wrong: number;
	readonly unrestored: number;
	/** Share of a dead worker's sockets that live on with the supervisor. */
	readonly parked: number;
}

export const NO_FAULTS: Faults = {
	dropped: 0,
	doubled: 0,
	slow: 0,
	reordersRegister: false,
	workerKilled: 0,
	registerKilled: 0,
	stalled: 0,
	givenUp: 0,
	succeeded: 0,
	unbuilt: 0,
	wrong: 0,
	unrestored: 0,
	parked: 0,
};

/** Each run has some of the faults; one in twelve has none. */
export function randomFaults(random: SeededRandom): Faults {
	if (random.chance(1 / 12)) return NO_FAULTS;
	return {
		dropped: random.pick([0, 0, 0.02, 0.1]),
		doubled: random.pick([0, 0, 0.05, 0.3]),
		slow: random.pick([0, 0, 0.05, 0.2]),
		reordersRegister: random.chance(0.3),
		workerKilled: random.pick([0, 0, 0.004, 0.02]),
		registerKilled: random.pick([0, 0, 0.005, 0.03]),
		stalled: random.pick([0, 0, 0.01]),
		givenUp: random.pick([0, 0.5]),
		succeeded: random.pick([0, 0.5, 1]),
		unbuilt: random.pick([0, 0, 0.1]),
		wrong: random.pick([0, 0, 0.1]),
		unrestored: random.pick([0, 0, 0.2]),
		parked: random.pick([0, 0.5, 1]),
	};
}
