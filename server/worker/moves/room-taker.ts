import type { Image } from "../../../protocol/abi/image.ts";
import { createImage } from "../../../protocol/abi/image.ts";
import type { Simulation } from "../../../protocol/abi/simulation.ts";
import { stateHash } from "../../../protocol/abi/state-hash.ts";
import { runTick } from "../../history/stretch.ts";
import { type GameModule, instantiate } from "../../module/game-module.ts";
import type { Room } from "../../room/room.ts";
import { decideTaker } from "../hand-over/taker.ts";
import {
	NO_TAKER,
	type TakerEffect,
	type TakerEvent,
	type TakerState,
} from "../hand-over/taker-state.ts";
import { ImageAssembler } from "../hand-over/wire/image-chunks.ts";
import type { ImageChunk, PrepareMaterial, RestMaterial } from "../hand-over/wire/material.ts";
import type { Parcel } from "../hand-over/wire/parcel.ts";
import { Decisions } from "./decisions.ts";
import { type MovesHost, machineMs } from "./worker-moves-host.ts";

/** The room waits so long at most for its sockets: as long as it may stand still before it is given. */
const SOCKETS_MS = 50;

/** What becomes of a room here before it is one. */
interface Copy {
	readonly game: GameModule;
	readonly simulation: Simulation;
	/** The tick that comes next. */
	tick: number;
}

/** What its giving side hears. */
interface GivingSide {
	own(room: Room, isSettled: boolean): void;
	settled(): void;
}

/** Takes one room from other workers: carries out what `decideTaker` says. */
export class RoomTaker {
	private readonly id: string;
	private readonly host: MovesHost;
	private readonly giving: GivingSide;
	private readonly decisions: Decisions<TakerState, TakerEvent, TakerEffect>;
	private readonly assembler = new ImageAssembler();
	private copy: Copy | null = null;
	/** Ticks that came while the copy was being built. */
	private early: { tick: number; inbox: Uint8Array }[] = [];
	/** Counts builds: one that was given up meanwhile is not used. */
	private builds = 0;
	private rest: RestMaterial | null = null;
	/** What came with the message that is being decided on. */
	private material: Parcel["material"] = null;
	private waiting: { room: Room; timer: NodeJS.Timeout } | null = null;

	constructor(id: string, host: MovesHost, giving: GivingSide) {
		this.id = id;
		this.host = host;
		this.giving = giving;
		this.decisions = new Decisions(NO_TAKER, decideTaker, (effect) => this.carryOut(effect));
	}

	get isIdle(): boolean {
		return this.decisions.state.phase === "none" && this.waiting === null;
	}

	/** The sockets of the last taking are all here. */
	get isSettled(): boolean {
		return this.decisions.state.phase !== "settling";
	}

	chunk(chunk: ImageChunk): void {
		this.assembler.add(chunk);
	}

	tell(event: TakerEvent, material: Parcel["material"] = null): void {
		this.material = material;
		this.decisions.tell(event);
		this.material = null;
	}

	private carryOut(effect: TakerEffect): void {
		const { host, id } = this;
		switch (effect.do) {
			case "send":
				return host.send(id, effect.to, { message: effect.message, material: null } as Parcel);
			case "timer":
				return this.decisions.startTimer(effect.ms);
			case "build":
				return void this.build(this.material as PrepareMaterial);
			case "apply":
				return this.apply(effect.tick, (this.material as { inbox: Uint8Array }).inbox);
			case "compare":
				return this.compare(this.material as RestMaterial);
			case "log":
				// with the room: it is in its log before it is anywhere else
				return;
			case "start":
				return this.start(effect.epoch);
			case "adopt":
				// its sockets came before this
				return this.begin();
			case "settled":
				return this.giving.settled();
			case "restore":
				return this.tell({ type: "unrestored" });
			case "discard":
				this.forget();
		}
	}

	private async build({ moduleHash, rawHash, length, chunks, globals }: PrepareMaterial) {
		const build = ++this.builds;
		const { move, tick } = this.decisions.state;
		this.early = [];
		this.copy = null;
		const bytes = this.assembler.take(move, length, chunks);
		const game = bytes && (await this.host.findGame(moduleHash, rawHash));
		if (build !== this.builds) return;
		const copy =
			bytes && game ? this.restore(game, { bytes, length, globals: [...globals] }, tick) : null;
		if (copy === null) return this.tell({ type: "unbuilt" });
		this.copy = copy;
		this.tell({ type: "built", tick });
		for (const early of this.early.splice(0)) this.apply(early.tick, early.inbox);
	}

	private restore(game: GameModule, image: Image, tick: number): Copy | null {
		try {
			const simulation = instantiate(game, () => {});
			simulation.restore(image);
			return { game, simulation, tick };
		} catch (thrown) {
			const detail = (thrown as Error).message;
			this.host.log("error", "room not built", { room: this.id, detail });
			return null;
		}
	}

	private apply(tick: number, inbox: Uint8Array): void {
		const { copy } = this;
		if (copy === null) {
			this.early.push({ tick, inbox: inbox.slice() });
			return;
		}
		// rules that fail here did not fail there: the hash would say the same later
		if (copy.tick !== tick || runTick(copy.simulation, tick, inbox)) return;
		copy.tick++;
		this.tell({ type: "applied", tick: copy.tick });
	}

	private compare(rest: RestMaterial): void {
		const { copy } = this;
		const { saved } = rest;
		const isEqual =
			copy !== null &&
			copy.tick === saved.tick &&
			copy.game.hash === saved.moduleHash &&
			saved.id === this.id &&
			stateHash(copy.simulation, copy.tick) === saved.hash;
		this.rest = isEqual ? rest : null;
		this.tell({ type: "compared", isEqual });
	}

	/** The room is here, and stands still until its sockets are too. */
	private start(epoch: number): void {
		const { copy, rest, host } = this;
		if (copy === null || rest === null) throw new Error(`room ${this.id} was never ready`);
		const image = createImage();
		copy.simulation.save(image);
		// a room that goes on is in the epoch after the one that was saved
		const saved = { ...rest.saved, epoch: epoch - 1, image, since: null, probation: null };
		const room = host.directory.adopt(saved, copy.game, null, true);
		this.copy = null;
		if ("error" in room) {
			host.log("error", "room lost on its way", { room: this.id, ...room });
			host.send(this.id, "register", { message: { type: "lost", epoch }, material: null });
			return;
		}
		host.hellos.expect([room.id]);
		host.flushLog();
		this.waiting = { room, timer: setTimeout(() => this.begin(), SOCKETS_MS) };
		this.giving.own(room, false);
	}

	/** What came with the sockets is read first: inputs are in time for the tick that they are meant for. */
	private begin(): void {
		const { waiting, rest, host } = this;
		if (waiting === null || rest === null) return;
		this.waiting = null;
		clearTimeout(waiting.timer);
		const { room } = waiting;
		setImmediate(() =>
			setImmediate(() => {
				host.directory.thaw(room, host.clock.now() + rest.dueAtMs - machineMs());
				host.hellos.arrived(room.id);
				host.moved(room, machineMs() - rest.frozenAtMs);
			}),
		);
	}

	private forget(): void {
		this.builds++;
		this.copy = null;
		this.early = [];
		this.rest = null;
	}
}
