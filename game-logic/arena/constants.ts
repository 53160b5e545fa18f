/*
 * Numbers that the rules (AssemblyScript), the page and the bots (TypeScript) share. Only plain
 * literals may stand here: both languages read this file. Units: world units, seconds, ticks of
 * 1/60 s.
 */

/** Side of the square world; its walls are at 0 and WORLD. */
export const WORLD = 2048;
/** Positions travel as multiples of this; bullets and asteroids never leave that lattice. */
export const POSITION_STEP = 0.0625;
/** Speeds of ships travel as multiples of this, units/s; their own players get them exactly. */
export const SPEED_STEP = 4;

// --- ships: angle 0 points along +x, a growing angle turns towards +y ----------------------------
export const SHIP_RADIUS = 14;
export const SHIP_TURN = 3.5;
export const SHIP_THRUST = 430;
/** Share of its speed that a ship loses per second. */
export const SHIP_DRAG = 0.55;
export const SHIP_TOP_SPEED = 340;
export const SHIELD_FULL = 100;

/** Bits of `ship.flags`. */
export const FLAG_THRUST = 1;
/** Waits to come back: not drawn, not hit, steers nothing. */
export const FLAG_DEAD = 2;
/** Just came back: takes no damage until the time is over or it fires. */
export const FLAG_PROTECTED = 4;

export const RESPAWN_TICKS = 120;
export const PROTECT_TICKS = 90;
/** A living ship regains one point of shield every so many ticks. */
export const REGEN_TICKS = 15;

// --- bullets -------------------------------------------------------------------------------------
export const BULLET_RADIUS = 3;
export const BULLET_SPEED = 720;
export const BULLET_DAMAGE = 25;
/** 64 ships that never stop firing have 64 * 66 / 10 = 422 bullets in the air, of 512 rows. */
export const BULLET_TICKS = 66;
export const RELOAD_TICKS = 10;

// --- laser: hits at once what its shooter saw in front of the nose, or ends in an asteroid ----------
export const LASER_RANGE = 620;
export const LASER_DAMAGE = 30;
/** One beam's charge; a ship gains 1 in each tick up to this, so it shoots every 3/4 of a second. */
export const LASER_CHARGE = 45;

// --- asteroids: size 3, 2 or 1 -------------------------------------------------------------------
/** Radius of an asteroid per size: 16, 32, 48. */
export const ASTEROID_RADIUS_PER_SIZE = 16;

// --- events --------------------------------------------------------------------------------------
/** Hits and explosions are sent to players within this distance. */
export const SIGHT = 1200;
/** `kill.killer` when no player did it. */
export const NOBODY = 255;
/** `explosion.size` of a ship; an asteroid's is its own size, 1 to 3. */
export const EXPLOSION_SHIP = 4;

export const SCORE_KILL = 10;
/** A shot asteroid scores 4 - size: the small ones are harder to hit. */
export const SCORE_ASTEROID = 4;
