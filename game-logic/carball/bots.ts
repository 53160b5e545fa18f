import type { Behaviour, BotView } from "../../bots/behaviour.ts";
import type { Random } from "../../protocol/seeded-random.ts";
import type carball from "./schema.ts";

type View = BotView<typeof carball>;

const THINKS_PER_SECOND = 10;
const TAU = 2 * Math.PI;
const FULL = 127;
/** Metres, as in field.rs. */
const HALF_LENGTH = 30;
/** Metres behind the ball, seen from the goal, that a driver aims for before it strikes. */
const RUN_UP = 3;

/** The way from one angle to another, -π to π. */
function between(from: number, to: number): number {
	const turn = (to - from) % TAU;
	if (turn > Math.PI) return turn - TAU;
	return turn < -Math.PI ? turn + TAU : turn;
}

/** Drives to where the ball is between it and the other goal, then through it. */
class Driver {
	private readonly random: Random;
	/** Metres beside the ball that this one aims at: else all would drive the same way. */
	private readonly aside: number;
	private stuckThoughts = 0;

	constructor(random: Random) {
		this.random = random;
		this.aside = random() * 2 - 1;
	}

	readonly think = ({ state, player, input }: View): void => {
		const { car, ball } = state;
		const self = car ? car.player.slice(0, car.used).indexOf(player) : -1;
		if (self < 0 || car.gen[self] === 0 || ball.used === 0) return;
		const goal = car.team[self] === 0 ? HALF_LENGTH : -HALF_LENGTH;
		const [x, y] = [ball.x[0] - car.x[self], ball.y[0] - car.y[self]];
		const toGoal = Math.atan2(-ball.y[0], goal - ball.x[0]);
		const distance = Math.hypot(x, y);
		const isBehind = Math.abs(between(Math.atan2(y, x), toGoal)) < 0.6;
		const back = isBehind ? 0 : RUN_UP;
		const aim = Math.atan2(
			y - Math.sin(toGoal) * back + this.aside * 0.3,
			x - Math.cos(toGoal) * back,
		);
		const turn = between(car.angle[self], aim);
		const speed = Math.hypot(car.vx[self], car.vy[self]);
		this.stuckThoughts = speed < 0.5 ? this.stuckThoughts + 1 : 0;
		const isStuck = this.stuckThoughts > THINKS_PER_SECOND;
		if (isStuck && this.random() < 0.2) this.stuckThoughts = 0;
		input.throttle = isStuck ? -FULL : Math.abs(turn) > 2.2 ? Math.round(FULL * 0.4) : FULL;
		input.steer = Math.round(FULL * Math.max(-1, Math.min(1, turn * 1.5))) * (isStuck ? -1 : 1);
		input.boost = isBehind && Math.abs(turn) < 0.3 && distance > 4;
	};
}

/** How bots play carball. */
export const behaviour: Behaviour<typeof carball> = {
	thinksPerSecond: THINKS_PER_SECOND,
	looks: true,
	create: (random) => new Driver(random).think,
};
