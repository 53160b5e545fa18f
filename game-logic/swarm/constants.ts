/*
 * Numbers that the rules (AssemblyScript), the page, the bots and the benchmark's peer (TypeScript)
 * share. Only plain literals may stand here: both languages read this file. Units: world units,
 * seconds.
 */

/** Side of the square world; its walls are at 0 and WORLD. */
export const WORLD = 4096;

// --- agents --------------------------------------------------------------------------------------
export const AGENTS = 10000;
/** How far an agent sees others; also the side of a grid cell. */
export const AGENT_SIGHT = 48;
/** Cells along a side: WORLD / AGENT_SIGHT, rounded up. */
export const CELLS = 86;
/**
 * An agent looks at no more than so many others on each of the three lines of cells around it, of
 * whom about a third are in sight: a tick in a dense flock costs little more than in an even crowd.
 */
export const LOOKS_PER_LINE = 12;
export const AGENT_MIN_SPEED = 45;
export const AGENT_TOP_SPEED = 120;
/** Agents nearer than this push each other apart. */
export const AGENT_SPACE = 22;
export const SEPARATION = 16;
export const ALIGNMENT = 1.6;
export const COHESION = 0.9;
/** Agents so near to a wall turn away from it, by this much per unit and second. */
export const WALL_MARGIN = 120;
export const WALL_PUSH = 2.5;

// --- avatars: angle 0 points along +x, a growing angle turns towards +y --------------------------
export const AVATAR_RADIUS = 16;
export const AVATAR_TURN = 3.2;
export const AVATAR_THRUST = 460;
/** Share of its speed that an avatar loses per second. */
export const AVATAR_DRAG = 1.4;
/** How far an avatar scares agents away, and how far it draws them while it calls. */
export const SCARE_RADIUS = 190;
export const CALL_RADIUS = 340;
/** Push on an agent right beside a scaring avatar, and pull of a calling one, units/s². */
export const SCARE_PUSH = 900;
export const CALL_PULL = 420;
