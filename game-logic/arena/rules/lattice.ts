import { ctx } from "hotstep/assembly";
import { POSITION_STEP } from "../constants";

const STEP: f32 = <f32>POSITION_STEP;

/**
 * The nearest multiple of the wire's position step.
 *
 * Bullets and asteroids start on a multiple and move by multiples in every tick. A snapshot guesses
 * that a row moves on as it last did, in whole steps; here that guess is right to the last bit, at
 * any snapshot rate, so these rows cost no byte until they turn or end. The sums are exact in f32
 * too: multiples of 1/16 below 2048 need 15 of its 24 bits. The price is coarse speeds,
 * 3.75 units/s apart, which nobody sees.
 */
export function onLattice(value: f32): f32 {
	return nearest(value / STEP) * STEP;
}

/** The way per tick, on the lattice, of something that moves at `speed` units per second. */
export function wayPerTick(speed: f32): f32 {
	return onLattice(speed * ctx.dt);
}
