import type { Refusal } from "../../../protocol/refusal.ts";
import type { SeededRandom } from "../../../protocol/seeded-random.ts";
import type { Deployment, DeployOptions, SwapPolicy } from "../../../server/swap/deployment.ts";
import type { World } from "../../../testing/index.ts";
import { insist } from "./insist.ts";
import type { RulesLedger } from "./rules-ledger.ts";
import type { SimGame } from "./sim-games.ts";

const POLICIES: readonly SwapPolicy[] = ["try", "pin", "canary", "canary", "live", "live"];
/** Refusals that an operator at random must expect. */
const EXPECTED: ReadonlySet<string> = new Set([
	"ERR_MODULE_NOT_WASM",
	"ERR_SWAP_BUSY",
	"ERR_SWAP_CANCELLED",
	"ERR_SWAP_CAPACITY",
	"ERR_SWAP_GAME",
	"ERR_SWAP_NOTHING",
	"ERR_SWAP_SAME",
	"ERR_TRIAL_FAULT",
	"ERR_TRIAL_VALUE",
]);

/** Deploys, promotes, takes back and calls off at random, one thing after the other. */
export class Operator {
	private readonly world: World;
	private readonly random: SeededRandom;
	private readonly chosen: SimGame;
	private readonly ledger: RulesLedger;
	private isAtWork = false;
	private verb = "";
	/** Grows with each process that dies. */
	private lives = 0;
	/** What comes of calling off what is under way. */
	private calledOff: Promise<Deployment | Refusal> | null = null;
	/** What came of everything: by the verb, or by the refusal. */
	readonly done = new Map<string, number>();

	constructor(world: World, random: SeededRandom, chosen: SimGame, ledger: RulesLedger) {
		this.world = world;
		this.random = random;
		this.chosen = chosen;
		this.ledger = ledger;
	}

	/** Begins something, unless it is still at something else. */
	act(): void {
		if (this.isAtWork) return;
		const { random } = this;
		const dice = random.next();
		if (dice < 0.6) this.deploy();
		else if (dice < 0.75) this.promote();
		else this.rollBack();
		if (random.chance(0.2)) this.callOffAfter(random.between(0, 400));
		if (random.chance(0.1)) this.disturb();
	}

	/** Whatever was under way has died with its process, and nobody is told what came of it. */
	forget(): void {
		this.lives++;
		this.isAtWork = false;
		this.calledOff = null;
	}

	/** Nothing is under way. */
	get isIdle(): boolean {
		return !this.isAtWork;
	}

	private deploy(): void {
		const { world, random, chosen } = this;
		const { candidate, hash } = random.pick(chosen.candidates);
		const policy = random.pick(POLICIES);
		const ids = [...world.directory.rooms.keys()];
		const options: DeployOptions = {
			canaries: 1 + random.below(2),
			skip: random.chance(0.2) && ids.length > 0 ? [random.pick(ids)] : [],
			allOrNone: random.chance(0.2),
			by: "sim",
		};
		this.ledger.begin(policy, hash, options);
		this.follow(policy, this.deployments.deploy(chosen.game.name, candidate, policy, options));
	}

	private promote(): void {
		this.ledger.begin("promote", null);
		this.follow("promote", this.deployments.promote(this.chosen.game.name));
	}

	private rollBack(): void {
		this.ledger.begin("rollback", null);
		this.follow("rollback", this.deployments.rollBack(this.chosen.game.name));
	}

	/** What is under way then is given up. */
	private callOffAfter(ms: number): void {
		this.world.after(ms, () => {
			// a rollback that is under way is not undone by another
			if (!this.isAtWork || this.verb === "rollback") return;
			this.ledger.cancel();
			this.count("called off");
			const answer = this.deployments.rollBack(this.chosen.game.name);
			this.calledOff = answer;
			this.hear(answer, () => {});
		});
	}

	/** A second operator is told to wait. */
	private disturb(): void {
		const { game, candidates } = this.chosen;
		const { candidate } = this.random.pick(candidates);
		this.hear(this.deployments.deploy(game.name, candidate, "live"), (answer) => {
			insist("error" in answer && answer.error === "ERR_SWAP_BUSY", "two deployments at once");
		});
	}

	private follow(verb: string, answer: Promise<Deployment | Refusal>): void {
		this.isAtWork = true;
		this.verb = verb;
		this.hear(answer, (result) => {
			const { calledOff } = this;
			this.isAtWork = false;
			this.calledOff = null;
			const name = "error" in result ? result.error : verb;
			this.count(name);
			this.ledger.end(result);
			// too late to be called off: it is taken back like any other
			if (calledOff && !("error" in result) && verb !== "try") this.follow("rollback", calledOff);
			insist(!("error" in result) || EXPECTED.has(name), `a ${verb} ended in ${name}`);
		});
	}

	/** What goes wrong in a promise would be nobody's: it is raised where time runs. */
	private hear<T>(answer: Promise<T>, check: (result: T) => void): void {
		const { lives } = this;
		const checkOwn = (result: T): void => {
			if (lives === this.lives) check(result);
		};
		answer.then(checkOwn).catch((thrown: unknown) => {
			this.world.after(0, () => {
				throw thrown;
			});
		});
	}

	private count(name: string): void {
		this.done.set(name, (this.done.get(name) ?? 0) + 1);
	}

	private get deployments() {
		return this.world.core.deployments;
	}
}
