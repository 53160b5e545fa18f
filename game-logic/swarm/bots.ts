import type { Behaviour, BotView } from "../../bots/behaviour.ts";
import type { Random } from "../../protocol/seeded-random.ts";
import { AVATAR_TURN, CALL_RADIUS, SCARE_RADIUS, WORLD } from "./constants.ts";
import type swarm from "./schema.ts";

type View = BotView<typeof swarm>;
type Avatars = View["state"]["avatar"];
type Agents = View["state"]["agent"];

const THINKS_PER_SECOND = 5;
const TAU = 2 * Math.PI;
/** Agents looked at in one thought: enough to find a flock among ten thousand. */
const GLANCES = 48;
/** A wall nearer than this comes first. */
const WALL_MARGIN = 200;
/** Time that a bot keeps to what it is at, ms. */
const MOOD_MS = [4_000, 12_000] as const;
/** Shy ones keep this far from everybody. */
const FEAR = 600;

/** A herder calls a flock to it, a hunter chases other players and scares, a shy one flees them. */
type Mood = "herd" | "hunt" | "flee";
const MOODS: readonly Mood[] = ["herd", "herd", "hunt", "flee"];

/** The way from one angle to another, -π to π. */
function between(from: number, to: number): number {
	const turn = (to - from) % TAU;
	if (turn > Math.PI) return turn - TAU;
	return turn < -Math.PI ? turn + TAU : turn;
}

function rowOf(avatars: Avatars, player: number): number {
	for (let i = 0; i < avatars.used; i++) {
		if (avatars.gen[i] !== 0 && avatars.player[i] === player) return i;
	}
	return -1;
}

/** Row of the avatar nearest to `self`, or -1. */
function nearest(avatars: Avatars, self: number): number {
	let best = -1;
	let least = Number.POSITIVE_INFINITY;
	for (let i = 0; i < avatars.used; i++) {
		if (i === self || avatars.gen[i] === 0) continue;
		const distance = Math.hypot(avatars.x[i] - avatars.x[self], avatars.y[i] - avatars.y[self]);
		if (distance >= least) continue;
		least = distance;
		best = i;
	}
	return best;
}

/** One player of the swarm, whose mood changes now and then. */
class Drover {
	private readonly random: Random;
	private mood: Mood = "herd";
	private moodUntilMs = 0;

	constructor(random: Random) {
		this.random = random;
	}

	readonly think = ({ state, player, input, nowMs }: View): void => {
		const { avatar, agent } = state;
		const self = avatar ? rowOf(avatar, player) : -1;
		if (self < 0) return;
		this.changeMood(nowMs);
		const x = avatar.x[self];
		const y = avatar.y[self];
		const edge = Math.min(x, y, WORLD - x, WORLD - y);
		const heading =
			edge < WALL_MARGIN
				? Math.atan2(WORLD / 2 - y, WORLD / 2 - x)
				: this.chooseHeading(avatar, agent, self, input);
		const turn = between(avatar.angle[self], heading);
		const share = (turn * THINKS_PER_SECOND) / AVATAR_TURN;
		input.turn = Math.round(127 * Math.max(-1, Math.min(1, share)));
		input.thrust = Math.abs(turn) < 1.2;
	};

	private changeMood(nowMs: number): void {
		if (nowMs < this.moodUntilMs) return;
		const [least, most] = MOOD_MS;
		this.moodUntilMs = nowMs + least + this.random() * (most - least);
		this.mood = MOODS[Math.floor(this.random() * MOODS.length)];
	}

	private chooseHeading(
		avatars: Avatars,
		agents: Agents,
		self: number,
		input: View["input"],
	): number {
		const x = avatars.x[self];
		const y = avatars.y[self];
		const other = nearest(avatars, self);
		const dx = other < 0 ? 0 : avatars.x[other] - x;
		const dy = other < 0 ? 0 : avatars.y[other] - y;
		const distance = other < 0 ? WORLD : Math.hypot(dx, dy);
		input.call = false;
		if (this.mood === "hunt" && other >= 0) return Math.atan2(dy, dx);
		if (this.mood === "flee" && distance < FEAR) return Math.atan2(-dy, -dx);
		// whoever scares agents away is no company for a herder
		if (distance < SCARE_RADIUS) return Math.atan2(-dy, -dx);
		return this.herd(agents, x, y, input);
	}

	/** Goes where agents are, and calls when some are near enough to hear. */
	private herd(agents: Agents, x: number, y: number, input: View["input"]): number {
		let best = -1;
		let least = Number.POSITIVE_INFINITY;
		let near = 0;
		for (let i = 0; i < GLANCES; i++) {
			const row = Math.floor(this.random() * agents.used);
			if (agents.gen[row] === 0) continue;
			const distance = Math.hypot(agents.x[row] - x, agents.y[row] - y);
			if (distance < CALL_RADIUS) near++;
			// near ones it has already: go for those a little further
			const worth = Math.abs(distance - CALL_RADIUS);
			if (worth >= least) continue;
			least = worth;
			best = row;
		}
		input.call = near > 0;
		if (best < 0) return this.random() * TAU;
		return Math.atan2(agents.y[best] - y, agents.x[best] - x);
	}
}

/** How bots play the swarm. */
export const behaviour: Behaviour<typeof swarm> = {
	thinksPerSecond: THINKS_PER_SECOND,
	looks: true,
	create: (random) => new Drover(random).think,
};
