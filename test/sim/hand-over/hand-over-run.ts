import { SeededRandom } from "../../../protocol/seeded-random.ts";
import type { WorkerId } from "../../../server/worker/hand-over/messages.ts";
import { Timeline } from "../../../testing/timeline.ts";
import { type Cluster, type Cores, SIM_LIMITS } from "./cluster.ts";
import { type Faults, NO_FAULTS, randomFaults } from "./faults.ts";
import { ModelLog } from "./model-log.ts";
import type { ModelImage } from "./model-room.ts";
import { type Letter, Network } from "./network.ts";
import type { SimLine } from "./sim-line.ts";
import { SimSupervisor } from "./sim-supervisor.ts";
import { SimWorker } from "./sim-worker.ts";
import { Broken, Twin } from "./twin.ts";

const MACHINES = 3;
const PLAYERS = 3;
/** Faults end then, and all must be well again so much later. */
const FAULTS_MS = 400;
const WELL_MS = 450;
const LAST_MOVE_MS = 200;

interface Client {
	readonly player: number;
	line: SimLine | null;
	sent: number;
	/** What it had sent when faults had been over for long enough. */
	sentInTime: number;
	seenTick: number;
}

/** One room, three workers and a supervisor in random trouble: a function of its seed. */
export class HandOverRun implements Cluster {
	readonly timeline = new Timeline();
	readonly random: SeededRandom;
	readonly twin = new Twin(PLAYERS);
	readonly log = new ModelLog(this.twin.write);
	readonly limits = SIM_LIMITS;
	readonly players = PLAYERS;
	readonly network: Network;
	readonly cores: Cores;
	readonly counts: Record<string, number> = {};
	faults: Faults;
	/** What was meant to go wrong. */
	private readonly planned: Faults;
	private readonly supervisor: SimSupervisor;
	private readonly workers = new Map<WorkerId, SimWorker>();
	private readonly clients: Client[];
	/** Lines that the supervisor keeps while their worker is dead. */
	private parked: SimLine[] = [];
	private lives = 0;

	constructor(seed: number, cores: Cores, faults?: Partial<Faults>) {
		this.random = new SeededRandom(seed);
		this.planned = faults ? { ...NO_FAULTS, ...faults } : randomFaults(this.random);
		this.faults = this.planned;
		this.cores = cores;
		this.network = new Network(this.timeline, this.random, this.faults, (letter) => {
			this.deliver(letter);
		});
		const names = Array.from({ length: MACHINES }, (_, machine) => this.startWorker(machine).id);
		this.supervisor = new SimSupervisor(this, names);
		this.workers.get(names[0])?.open();
		this.clients = Array.from({ length: PLAYERS }, (_, player) => ({
			player,
			line: null,
			sent: 0,
			sentInTime: 0,
			seenTick: 0,
		}));
	}

	/** @throws Broken */
	async run(): Promise<void> {
		for (const client of this.clients) {
			this.connect(client);
			this.every(8, 14, () => this.sendInput(client));
		}
		this.every(15, 15, () => this.deliverParked());
		this.every(5, 90, () => this.askForMove());
		await this.timeline.run(FAULTS_MS);
		this.faults = NO_FAULTS;
		this.network.faults = NO_FAULTS;
		await this.timeline.run(FAULTS_MS + WELL_MS);
		this.checkIsWell();
		for (const client of this.clients) client.sentInTime = client.sent;
		const to = this.living().find((name) => name !== this.supervisor.register.owner) ?? "";
		this.supervisor.ask(to);
		await this.timeline.run(FAULTS_MS + WELL_MS + LAST_MOVE_MS);
		this.checkIsWell();
		const [, last] = this.supervisor.results.at(-1) ?? [];
		if (last !== "done") throw new Broken(`the last move ended with ${last}`);
		for (const { player, sentInTime } of this.clients) {
			if (this.twin.hasTaken(player, sentInTime)) continue;
			throw new Broken(`input ${sentInTime} of player ${player} was never taken`);
		}
		this.checkIsHarmless();
		for (const [, result] of this.supervisor.results) this.count(result);
		this.counts.ticks = this.twin.image.tick;
	}

	kill(id: WorkerId): void {
		const worker = this.workers.get(id);
		if (!worker?.isAlive) return;
		worker.isAlive = false;
		this.count("workersKilled");
		this.excuse();
		for (const { line } of this.clients) {
			if (!line || line.holder !== id || line.isClosed) continue;
			line.isReading = false;
			if (!this.supervisor.isAlive || !this.random.chance(this.faults.parked)) this.close(line);
			else {
				line.holder = "register";
				this.parked.push(line);
			}
		}
		this.after(this.random.between(0.5, 5), () => this.supervisor.workerDied(id));
		this.after(this.random.between(10, 50), () => {
			const next = this.startWorker(Number.parseInt(id.slice(1), 10));
			this.supervisor.workerUp(next.id);
		});
	}

	/** The worker stands still; one that is given up for dead is ended when it has woken up. */
	stall(id: WorkerId): void {
		const worker = this.workers.get(id);
		if (!worker?.isAlive) return;
		worker.isStalled = true;
		this.count("stalls");
		const ms = this.random.between(2, 60);
		const isGivenUp = this.supervisor.isAlive && this.random.chance(this.faults.givenUp);
		if (isGivenUp) {
			this.count("givenUp");
			this.excuse();
			this.after(ms / 4, () => this.supervisor.workerDied(id));
			this.after(ms + 3, () => this.kill(id));
		}
		this.after(ms, () => worker.wake());
	}

	killRegister(knows: boolean): void {
		const { supervisor } = this;
		supervisor.isAlive = false;
		this.count(knows ? "registerSucceeded" : "registerKilled");
		for (const line of this.parked.splice(0)) this.close(line);
		this.after(this.random.between(3, 30), () => supervisor.restart(this.living(), knows));
	}

	close(line: SimLine): void {
		if (line.isClosed) return;
		line.isClosed = true;
		this.count("linesClosed");
		const client = this.clients[line.player];
		this.twin.excuse(client.player, client.sent);
		client.line = null;
		this.after(this.random.between(3, 15), () => this.connect(client));
	}

	show({ player }: SimLine, image: ModelImage): void {
		const client = this.clients[player];
		this.twin.show(image);
		if (image.tick < client.seenTick)
			throw new Broken(`player ${player} saw tick ${image.tick} again`);
		client.seenTick = image.tick;
	}

	count(what: string): void {
		this.counts[what] = (this.counts[what] ?? 0) + 1;
	}

	private after(ms: number, run: () => void): void {
		this.timeline.at(this.timeline.now() + ms, run);
	}

	private every(leastMs: number, mostMs: number, run: () => void): void {
		this.after(this.random.between(leastMs, mostMs), () => {
			run();
			this.every(leastMs, mostMs, run);
		});
	}

	private startWorker(machine: number): SimWorker {
		const worker = new SimWorker(`w${machine}.${this.lives++}`, this);
		this.workers.set(worker.id, worker);
		return worker;
	}

	/** Workers that live and that nobody has given up. */
	private living(): WorkerId[] {
		const { known, isAlive } = this.supervisor;
		return [...this.workers.values()]
			.filter(({ id }) => this.workers.get(id)?.isAlive && !this.log.isSealed(id))
			.filter(({ id }) => !isAlive || known.includes(id))
			.map(({ id }) => id);
	}

	private deliver(letter: Letter): void {
		if (letter.to === "register") this.supervisor.receive(letter);
		else this.workers.get(letter.to)?.receive(letter);
	}

	/** What a dead worker had taken in and not ticked is lost. */
	private excuse(): void {
		for (const { player, sent } of this.clients) this.twin.excuse(player, sent);
	}

	/** Comes with its token to whoever has the room. */
	private connect(client: Client): void {
		const { supervisor } = this;
		const { owner } = supervisor.register;
		const worker = owner === null ? undefined : this.workers.get(owner);
		if (!supervisor.isAlive || !worker?.isAlive) {
			this.after(10, () => this.connect(client));
			return;
		}
		const line: SimLine = {
			player: client.player,
			holder: worker.id,
			buffer: [],
			isReading: true,
			isClosed: false,
		};
		client.line = line;
		worker.accept(line);
	}

	private sendInput(client: Client): void {
		const { line } = client;
		if (!line) return;
		line.buffer.push(++client.sent);
		this.after(this.random.between(0.05, 1), () => this.workers.get(line.holder)?.drain(line));
	}

	private deliverParked(): void {
		const { register, isAlive } = this.supervisor;
		if (!isAlive || register.phase !== "owned" || register.move || register.owner === null) return;
		const worker = this.workers.get(register.owner);
		for (const line of this.parked.splice(0)) {
			if (line.holder === "register" && !line.isClosed) worker?.accept(line);
		}
	}

	private askForMove(): void {
		const { supervisor, random } = this;
		if (!supervisor.isAlive || this.timeline.now() > FAULTS_MS) return;
		this.count("asked");
		const { owner } = supervisor.register;
		const others = supervisor.known.filter((name) => name !== owner || random.chance(0.1));
		supervisor.ask(others.length > 0 ? random.pick(others) : "nobody");
	}

	/** What must not happen as long as nothing happened that excuses it. */
	private checkIsHarmless(): void {
		const { dropped, slow } = this.planned;
		const { workersKilled = 0, givenUp = 0, registerKilled = 0, stalls = 0 } = this.counts;
		const { recoveries = 0, linesClosed = 0 } = this.counts;
		if (workersKilled + givenUp > 0) return;
		if (recoveries > 0) throw new Broken("a room was recovered though no worker died");
		if (dropped + slow + registerKilled + stalls > 0) return;
		if (linesClosed > 0) throw new Broken(`${linesClosed} lines were closed for nothing`);
	}

	/** One worker has the room, all clients are there, and nothing is left over. */
	private checkIsWell(): void {
		const { supervisor } = this;
		const { register } = supervisor;
		const wrong = (what: string): never => {
			throw new Broken(`${what} when faults were over: ${JSON.stringify(register)}`);
		};
		if (supervisor.asked.size > 0) wrong(`moves ${[...supervisor.asked]} have not ended`);
		if (register.phase !== "owned" || register.move) wrong("the register is not at rest");
		for (const { id, isAlive, giver, taker, room, copy } of this.workers.values()) {
			if (!isAlive) continue;
			const isOwner = id === register.owner;
			if (taker.phase !== "none" || copy) wrong(`${id} still has a copy, ${taker.phase}`);
			if (giver.phase !== (isOwner ? "playing" : "none")) wrong(`${id} is ${giver.phase}`);
			if ((room !== null) !== isOwner) wrong(`${id} ${room ? "has a" : "has no"} room`);
			if (isOwner && giver.epoch !== register.epoch) wrong(`${id} has epoch ${giver.epoch}`);
		}
		const { nextAtMs = 0 } = this.workers.get(register.owner ?? "")?.room ?? {};
		if (nextAtMs < this.timeline.now()) wrong("the room stands still");
		for (const { player, line } of this.clients) {
			if (line?.holder !== register.owner || !line?.isReading)
				wrong(`player ${player} is not there`);
		}
	}
}

/** @throws Broken, with the seed and what had happened. */
export async function playHandOvers(
	seed: number,
	cores: Cores,
	faults?: Partial<Faults>,
): Promise<Record<string, number>> {
	const run = new HandOverRun(seed, cores, faults);
	try {
		await run.run();
	} catch (thrown) {
		const { message, stack } = thrown as Error;
		const where = thrown instanceof Broken ? "" : `\n${stack}`;
		throw new Broken(
			`${message} (seed ${seed} at ${run.timeline.now().toFixed(2)} ms, ${JSON.stringify(run.counts)})${where}`,
		);
	}
	return run.counts;
}
