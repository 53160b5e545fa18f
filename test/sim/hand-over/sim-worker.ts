import type { StopTimer } from "../../../client/timers.ts";
import { claimOf, floorOf } from "../../../server/worker/hand-over/claim-of.ts";
import {
	type GiverEffect,
	type GiverEvent,
	type GiverState,
	NO_GIVER,
} from "../../../server/worker/hand-over/giver-state.ts";
import type { Message, Send, WorkerId } from "../../../server/worker/hand-over/messages.ts";
import {
	NO_TAKER,
	type TakerEffect,
	type TakerEvent,
	type TakerState,
} from "../../../server/worker/hand-over/taker-state.ts";
import { type Cluster, TICK_MS } from "./cluster.ts";
import { FIRST_IMAGE, type ModelImage, type ModelInput, step, takeInbox } from "./model-room.ts";
import type { Letter } from "./network.ts";
import type { SimLine } from "./sim-line.ts";
import { type Part, type Rest, SimRoom } from "./sim-room.ts";
import { Broken } from "./twin.ts";

/** A worker process: carries out what both decisions about the one room say. */
export class SimWorker {
	readonly id: WorkerId;
	giver: GiverState = NO_GIVER;
	taker: TakerState = NO_TAKER;
	room: SimRoom | null = null;
	copy: SimRoom | null = null;
	isAlive = true;
	isStalled = false;
	private readonly cluster: Cluster;
	private backlog: (() => void)[] = [];
	private readonly queue: (() => void)[] = [];
	private isBusy = false;
	private parts: (Part | null)[] = [];
	private readonly adopted = new Set<string>();
	private lastInbox: readonly ModelInput[] = [];
	/** The epoch that the room began with here, and the one of a room that was given away and is not let go. */
	private epoch = 0;
	private givenEpoch = 0;
	private stopGiverTimer: StopTimer = () => {};
	private stopTakerTimer: StopTimer = () => {};

	constructor(id: WorkerId, cluster: Cluster) {
		this.id = id;
		this.cluster = cluster;
	}

	/** Opens the room. */
	open(): void {
		const { log, players } = this.cluster;
		this.room = new SimRoom(FIRST_IMAGE, players);
		this.epoch = 1;
		log.append({ kind: "image", worker: this.id, epoch: 1, tick: 0, image: FIRST_IMAGE });
		this.tellGiver({ type: "own", epoch: 1, isSettled: true });
		this.startTicking(this.room);
	}

	receive({ from, message, material }: Letter): void {
		this.whenAwake(() => {
			if (message.type === "report") return this.report(message.term);
			if (message.type === "adopted" && message.move === this.giver.move) {
				this.parts[message.part] = null;
			}
			this.tellGiver({
				...message,
				from,
				next: this.room?.image.tick ?? 0,
				isOnProbation: false,
			} as unknown as GiverEvent);
			this.tellTaker({ ...message, from } as unknown as TakerEvent, material);
		});
	}

	/** A client's line comes to this worker. */
	accept(line: SimLine): void {
		if (!this.isAlive || !this.room) return this.cluster.close(line);
		this.room.lines.add(line);
		this.take(line);
		if (!this.room.since) this.cluster.show(line, this.room.image);
	}

	/** Reads what has come over a line. */
	drain(line: SimLine): void {
		if (!this.isAlive || this.isStalled || !line.isReading || line.isClosed) return;
		const room = [this.room, this.copy].find((one) => one?.lines.has(line));
		if (!room) return this.cluster.close(line);
		for (const n of line.buffer.splice(0)) room.receive(line.player, n);
	}

	wake(): void {
		this.isStalled = false;
		for (const run of this.backlog.splice(0)) this.whenAwake(run);
		for (const room of [this.room, this.copy])
			for (const line of room?.lines ?? []) this.drain(line);
	}

	private whenAwake(run: () => void): void {
		if (!this.isAlive) return;
		if (this.isStalled) this.backlog.push(run);
		else run();
	}

	private after(ms: number, run: () => void): StopTimer {
		const { timeline } = this.cluster;
		return timeline.at(timeline.now() + ms, () => this.whenAwake(run));
	}

	private take(line: SimLine): void {
		line.holder = this.id;
		line.isReading = true;
		this.drain(line);
	}

	private report(term: number): void {
		if (term < this.giver.term || term < this.taker.term) return;
		this.tellGiver({ type: "term", term });
		this.tellTaker({ type: "term", term });
		const claim = claimOf(this.giver, this.taker);
		const floor = floorOf(this.giver, this.taker);
		this.send({ do: "send", to: "register", message: { type: "claim", term, claim, floor } });
	}

	tellGiver(event: GiverEvent): void {
		this.enqueue(() => {
			const { state, effects } = this.cluster.cores.giver(this.giver, event, this.cluster.limits);
			this.giver = state;
			for (const effect of effects) if (this.survives()) this.carryOutGiving(effect);
		});
	}

	tellTaker(event: TakerEvent, material: unknown = null): void {
		this.enqueue(() => {
			const { state, effects } = this.cluster.cores.taker(this.taker, event, this.cluster.limits);
			this.taker = state;
			for (const effect of effects) if (this.survives()) this.carryOutTaking(effect, material);
		});
	}

	/** Events that effects lead to are decided on when those effects are carried out. */
	private enqueue(run: () => void): void {
		this.queue.push(run);
		if (this.isBusy) return;
		this.isBusy = true;
		for (let next = this.queue.shift(); next; next = this.queue.shift()) if (this.isAlive) next();
		this.isBusy = false;
	}

	/** Any effect may be the one that is not carried out any more. */
	private survives(): boolean {
		const { random, faults } = this.cluster;
		if (!this.isAlive) return false;
		if (random.chance(faults.workerKilled)) this.cluster.kill(this.id);
		else if (!this.isStalled && random.chance(faults.stalled)) this.cluster.stall(this.id);
		return this.isAlive;
	}

	private carryOutGiving(effect: GiverEffect): void {
		switch (effect.do) {
			case "send":
				return this.send(effect);
			case "timer":
				this.stopGiverTimer();
				this.stopGiverTimer = this.after(effect.ms, () => this.tellGiver({ type: "timer" }));
				return;
			case "freeze":
				if (!this.room) throw new Error("no room to freeze");
				this.room.since = [];
				return this.tellGiver({ type: "frozen", tick: this.room.image.tick });
			case "thaw":
				if (this.room) this.room.since = null;
				return;
			case "packSockets":
				this.parts = this.room?.pack(this.cluster.cores.dropsCarried) ?? [];
				return this.tellGiver({ type: "packed", parts: this.parts.length });
			case "discard":
				this.parts.push(...[...(this.room?.lines ?? [])].map((line) => ({ line, inputs: [] })));
				this.room = null;
				this.givenEpoch = this.epoch;
				return;
			case "closeSockets":
				for (const part of this.parts) if (part?.line) this.cluster.close(part.line);
				this.parts = [];
				return;
			case "closeLog":
				this.log.close(this.id, this.givenEpoch);
		}
	}

	private carryOutTaking(effect: TakerEffect, material: unknown): void {
		const { cluster, copy } = this;
		switch (effect.do) {
			case "send":
				return this.send(effect);
			case "timer":
				this.stopTakerTimer();
				this.stopTakerTimer = this.after(effect.ms, () => this.tellTaker({ type: "timer" }));
				return;
			case "build":
				return this.build(material as ModelImage);
			case "apply":
				if (copy?.apply(material as ModelInput[])) {
					this.tellTaker({ type: "applied", tick: copy.image.tick });
				}
				return;
			case "compare":
				return this.compare(effect.tick, material as Rest);
			case "restore":
				return this.restore(effect.epoch);
			case "log": {
				if (!copy) throw new Error("nothing to begin with");
				const { epoch, tick } = effect;
				const { image } = copy;
				if (!cluster.log.append({ kind: "image", worker: this.id, epoch, tick, image })) {
					cluster.kill(this.id);
				}
				return;
			}
			case "start":
				return this.start(effect.epoch);
			case "adopt":
				return this.adopt(effect.part, material as Part);
			case "settled":
				return this.tellGiver({ type: "settled" });
			case "discard":
				this.copy = null;
				for (const line of copy?.lines ?? []) cluster.close(line);
		}
	}

	private build(image: ModelImage): void {
		const { random, faults, players } = this.cluster;
		const copy = new SimRoom(image, players);
		this.copy = copy;
		this.after(random.between(0.5, 25), () => {
			if (this.copy !== copy) return;
			if (random.chance(faults.unbuilt)) return this.tellTaker({ type: "unbuilt" });
			copy.build(random.chance(faults.wrong));
			this.tellTaker({ type: "built", tick: copy.image.tick });
		});
	}

	private compare(tick: number, { hash, rings, nextAtMs }: Rest): void {
		const { copy } = this;
		if (!copy) throw new Error("nothing to compare");
		rings.forEach((ring, player) => {
			copy.rings[player].push(...ring);
		});
		copy.nextAtMs = nextAtMs;
		const isEqual = copy.image.hash === hash && copy.image.tick === tick;
		this.tellTaker({ type: "compared", isEqual });
	}

	private restore(epoch: number): void {
		const { random, faults, log, players } = this.cluster;
		const copy = new SimRoom(FIRST_IMAGE, players);
		this.copy = copy;
		this.cluster.count("recoveries");
		this.after(random.between(0.5, 10), () => {
			if (this.copy !== copy) return;
			if (random.chance(faults.unrestored)) return this.tellTaker({ type: "unrestored" });
			copy.image = log.restore(epoch, this.cluster.cores.readsTheDeadOnly);
			this.tellTaker({ type: "restored", tick: copy.image.tick });
		});
	}

	private start(epoch: number): void {
		const { copy, cluster } = this;
		if (!copy) throw new Error("nothing to start");
		this.room = copy;
		this.epoch = epoch;
		this.copy = null;
		this.tellGiver({ type: "own", epoch, isSettled: false });
		for (const line of copy.lines) cluster.show(line, copy.image);
		this.startTicking(copy);
	}

	private adopt(part: number, { line, inputs }: Part): void {
		const name = `part ${part} of move ${this.taker.move}`;
		if (this.adopted.has(name)) throw new Broken(`${this.id} adopts ${name} twice`);
		this.adopted.add(name);
		const room = this.taker.phase === "ready" ? this.copy : this.room;
		if (!room) {
			if (line) this.cluster.close(line);
			return;
		}
		const connected = new Set([...room.lines].filter((l) => !l.isClosed).map((l) => l.player));
		for (const { player, n } of inputs) if (!connected.has(player)) room.receive(player, n);
		// One that the supervisor kept when the giver died may be somebody else's by now: it hands it to nobody
		// that was given up for dead.
		const isKept = line?.holder === "register" && !this.log.isSealed(this.id);
		if (!line || line.isClosed || (!isKept && line.holder !== this.taker.from)) return;
		room.lines.add(line);
		this.take(line);
		if (room === this.room && !room.since) this.cluster.show(line, room.image);
	}

	private startTicking(room: SimRoom): void {
		const { timeline } = this.cluster;
		const due = Math.max(timeline.now(), room.nextAtMs);
		room.nextAtMs = due + TICK_MS;
		timeline.at(due, () =>
			this.whenAwake(() => {
				if (this.room !== room) return;
				if (!room.since) this.tick(room);
				if (this.isAlive && this.room === room) this.startTicking(room);
			}),
		);
	}

	/** One tick, then its record, then what clients see. */
	private tick(room: SimRoom): void {
		const { log, cluster } = this;
		const { tick } = room.image;
		const inbox = takeInbox(room.rings);
		room.image = step(room.image, inbox);
		if (!this.survives()) return;
		const record = { kind: "tick", worker: this.id, epoch: this.giver.epoch, tick, inbox } as const;
		if (!log.append(record)) {
			this.tellGiver({ type: "fenced", epoch: log.epoch });
			return cluster.kill(this.id);
		}
		if (!this.survives()) return;
		for (const line of room.lines) {
			if (line.isClosed) room.lines.delete(line);
			else cluster.show(line, room.image);
		}
		this.lastInbox = inbox;
		this.tellGiver({ type: "ticked", tick });
	}

	private get log(): Cluster["log"] {
		return this.cluster.log;
	}

	private send({ to, message }: Send): void {
		this.cluster.network.send({ from: this.id, to, message, material: this.materialOf(message) });
	}

	private materialOf(message: Message): unknown {
		const { room } = this;
		switch (message.type) {
			case "prepare":
				return room?.image;
			case "follow":
				return this.lastInbox;
			case "rest":
				return room?.rest();
			case "socket":
				return this.parts[message.part] ?? { line: null, inputs: [] };
			default:
				return null;
		}
	}
}
