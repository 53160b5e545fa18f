import { SERVER_LIMITS } from "../../../server/limits.ts";
import type { Recorder } from "../../../server/room/recorder.ts";
import type { RoomState } from "../../../server/room/room-state.ts";
import type { Deployment, DeployOptions, SwapPolicy } from "../../../server/swap/deployment.ts";
import type { World } from "../../../testing/index.ts";
import { insist } from "./insist.ts";

type Verb = SwapPolicy | "promote" | "rollback";

/** A deployment that may be taken back, as the ledger understands it. */
interface Layer {
	readonly verb: Verb;
	/** Rules of new rooms before, and those deployed. */
	readonly before: string;
	readonly after: string;
	/** What each room that it changed ran on before. */
	readonly rooms: Map<string, string>;
	/** Rooms that had these rules already: they are none of its business. */
	readonly others: ReadonlySet<string>;
}

interface Operation {
	readonly verb: Verb;
	readonly hash: string | null;
	readonly options: DeployOptions;
	/** What new rooms got when it began. */
	readonly before: string;
	/** What each room that it changed ran on before, and those that it took back. */
	readonly changed: Map<string, string>;
	readonly takenBack: Set<string>;
	/** Rooms that had the rules when it began. */
	readonly others: ReadonlySet<string>;
	/** The layer that a rollback takes away. */
	readonly layer: Layer | null;
	isCancelled: boolean;
	/** What new rooms got instead, when its rules were retired for an earlier deployment of the same. */
	retiredTo: string | null;
}

const short = (hash: string | null): string => hash?.slice(0, 6) ?? "nothing";

/**
 * Which rules every room may run on, worked out from what the operator did and from what failed, beside the
 * server's own lists: no room ever has rules that neither its start nor a deployment gave it.
 */
export class RulesLedger {
	private world: World | null = null;
	private readonly name: string;
	/** What new rooms get. */
	private current: string;
	private layers: Layer[] = [];
	private readonly rooms = new Map<string, string>();
	/** Rooms whose last fault brings the rules from before back, with the tick of it. */
	private readonly due = new Map<string, number>();
	/** What a room goes back to on its own, and up to which tick. */
	private readonly probation = new Map<string, { back: string; untilTick: number }>();
	/** Rules that a room has taken back by itself since they were last deployed. */
	private readonly failed = new Set<string>();
	private running: Operation | null = null;
	/** What the rooms ran on that a killed process left. */
	private surviving = new Map<string, string>();
	private readonly probationMs: number;
	changes = 0;
	ownRollbacks = 0;
	retired = 0;

	constructor(name: string, hash: string, probationMs: number) {
		this.name = name;
		this.current = hash;
		this.probationMs = probationMs;
	}

	/** To be called before anything happens in it. */
	watch(world: World): void {
		this.world = world;
	}

	/** What the server logs. */
	readonly hear = (message: string, fields: Record<string, unknown>): void => {
		const room = String(fields.room);
		if (message === "room opened") this.opened(room);
		else if (message === "room closed") this.rooms.delete(room);
		else if (message === "rules retired") this.heardRetired(String(fields.hash));
		else if (message === "tick failed") {
			const { kind } = fields.outcome as { kind: string };
			if (kind === "rolledBack") this.due.set(room, Number(fields.tick));
		}
	};

	private opened(id: string): void {
		const { running, world } = this;
		const hash = world?.directory.rooms.get(id)?.game.hash ?? "";
		const isComing = running !== null && running.hash === hash && running.verb !== "canary";
		const hadIt = this.surviving.get(id) === hash;
		insist(
			hash === this.current || isComing || hadIt,
			`room ${id} opened with ${short(hash)}, not ${short(this.current)}`,
		);
		this.rooms.set(id, hash);
	}

	private heardRetired(hash: string): void {
		this.retired++;
		const layer = this.layers.findLast(({ after, before }) => after === hash && before !== hash);
		const isRunning = this.running?.hash === hash && this.running.verb !== "rollback";
		insist(isRunning || layer !== undefined, `${short(hash)} was retired, and not deployed`);
		if (layer) this.retire(layer);
		if (layer && isRunning && this.running) this.running.retiredTo = layer.before;
	}

	private retire({ verb, before, after }: Layer): void {
		if (verb !== "canary" && this.current === after) this.current = before;
	}

	/** Sees each change of a room's rules at the moment of it. */
	readonly recorder: Recorder = {
		open() {},
		tick() {},
		abort() {},
		swap: (room: RoomState, previous: string) => this.changed(room, previous),
		close() {},
	};

	private changed(room: RoomState, previous: string): void {
		const { id, tick, game } = room;
		this.changes++;
		const known = this.rooms.get(id);
		insist(known === previous, `room ${id} had ${short(known ?? null)}, not ${short(previous)}`);
		const failedAt = this.due.get(id);
		this.due.delete(id);
		const isOwn = failedAt === tick;
		if (isOwn) this.wentBack(room, previous);
		else this.operated(room, previous);
		this.rooms.set(id, game.hash);
		const untilTick = tick + Math.ceil((this.probationMs * game.descriptor.tickRate) / 1000);
		if (isOwn) this.probation.delete(id);
		else this.probation.set(id, { back: previous, untilTick });
	}

	/** A fault in the time of probation. */
	private wentBack({ id, tick, game }: RoomState, previous: string): void {
		const { back, untilTick } = this.probation.get(id) ?? { back: "", untilTick: -1 };
		insist(back === game.hash, `room ${id} fell back to ${short(game.hash)}, not ${short(back)}`);
		insist(tick < untilTick, `room ${id} fell back in tick ${tick}, after ${untilTick}`);
		this.ownRollbacks++;
		// before it has got them from a deployment under way, its failure says nothing about that one
		const { running } = this;
		if (running?.hash !== previous || running.changed.has(id)) this.failed.add(previous);
	}

	/** An operator's doing. */
	private operated({ id, game }: RoomState, previous: string): void {
		const { running } = this;
		const moved = `room ${id} went from ${short(previous)} to ${short(game.hash)}`;
		insist(running !== null, `${moved} although nobody deployed`);
		const { verb, layer, changed, takenBack } = running;
		if (layer !== null) {
			this.checkWayBack(layer, id, previous, game.hash, moved);
			takenBack.add(id);
			return;
		}
		const before = changed.get(id);
		if (running.isCancelled && previous === running.hash && !running.options.skip?.includes(id)) {
			const isOpen = before === undefined && !running.others.has(id) && verb !== "canary";
			const isBack = before === game.hash || (isOpen && game.hash === this.current);
			insist(isBack, `${moved} when a ${verb} was called off`);
			takenBack.add(id);
			return;
		}
		const changes = verb === "canary" || verb === "live" || verb === "promote";
		insist(
			changes && game.hash === running.hash,
			`${moved} in a ${verb} of ${short(running.hash)}`,
		);
		insist(!running.options.skip?.includes(id), `${moved} although it was to be left out`);
		changed.set(id, previous);
		const { canaries = 1 } = running.options;
		insist(
			verb !== "canary" || changed.size <= canaries,
			`${moved}, more than ${canaries} canaries`,
		);
	}

	private checkWayBack(layer: Layer, id: string, from: string, to: string, moved: string): void {
		const { verb, after, before, rooms, others } = layer;
		insist(from === after, `${moved}, but ${short(after)} was taken back`);
		const isOpenedSince = verb !== "canary" && !others.has(id);
		const own = rooms.get(id) ?? (isOpenedSince ? before : null);
		insist(own === to, `${moved} in a rollback of a ${verb}; it had ${short(own)}`);
	}

	/** The process is about to die: its rooms go on in another, and nothing can be rolled back. */
	kill(): void {
		this.surviving = new Map(this.rooms);
		this.rooms.clear();
		this.layers = [];
		this.failed.clear();
		this.running = null;
		// one under way may have given its rules to new rooms already
		this.current = this.world?.directory.games.get(this.name)?.hash ?? "";
	}

	/** An operator begins something. */
	begin(verb: Verb, hash: string | null, options: DeployOptions = {}): void {
		insist(this.running === null, "two operations at once");
		const after = verb === "promote" ? (this.layers.at(-1)?.after ?? null) : hash;
		const others = [...this.rooms].filter(([, has]) => has === after).map(([id]) => id);
		const layer = verb === "rollback" ? (this.layers.pop() ?? null) : null;
		if (layer && layer.verb !== "canary") this.current = layer.before;
		// whoever goes back to rules, or deploys them again, wants them
		this.failed.delete(layer?.before ?? after ?? "");
		this.running = {
			verb,
			hash: after,
			options,
			before: this.current,
			changed: new Map(),
			takenBack: new Set(),
			others: new Set(others),
			layer,
			isCancelled: false,
			retiredTo: null,
		};
	}

	/** The operator wants it undone before it is over. */
	cancel(): void {
		if (this.running) this.running.isCancelled = true;
	}

	/** What came of it, and whether the server's lists say the same. */
	end(result: Deployment | { error: string; detail: string }): void {
		const { running } = this;
		insist(running !== null, "nothing was under way");
		const { verb, changed, takenBack, layer } = running;
		this.running = null;
		if ("error" in result) {
			for (const id of changed.keys()) {
				const isUndone = takenBack.has(id) || !this.isOn(id, running.hash);
				insist(isUndone, `room ${id} kept the rules of a ${verb} that ended in ${result.error}`);
			}
			this.checkLists();
			return;
		}
		const moved = layer ? takenBack : new Set(changed.keys());
		const named = new Set(result.swapped);
		insist(
			moved.size === named.size && [...moved].every((id) => named.has(id)),
			`a ${verb} names rooms ${[...named].join()}, and changed ${[...moved].join()}`,
		);
		if (layer === null && verb !== "try") this.pile(running, result);
		const top = this.layers.at(-1);
		if (result.outcome === "retired" && top?.after === running.hash) this.retire(top);
		// that may have been before its rules were given to new rooms, or since
		const offered = this.world?.directory.games.get(this.name)?.hash;
		if (running.retiredTo === offered) this.current = running.retiredTo ?? this.current;
		// too late to be called off: its rollback has begun already
		if (running.isCancelled && verb !== "try") this.begin("rollback", null);
		else this.checkLists();
	}

	private pile({ verb, hash, changed, options, ...running }: Operation, result: Deployment): void {
		const after = hash ?? "";
		const before = result.before.hash;
		const isBefore = before === running.before || before === this.current;
		insist(isBefore, `a ${verb} says that new rooms had ${short(before)}`);
		const rooms = new Map(changed);
		let { others } = running;
		if (verb === "promote") {
			const canary = this.layers.pop();
			for (const [id, had] of canary?.rooms ?? []) rooms.set(id, had);
			others = canary?.others ?? others;
		}
		this.layers.push({ verb, before, after, rooms, others });
		if (this.layers.length > SERVER_LIMITS.standingDeployments) this.layers.shift();
		if (verb !== "canary") this.current = after;
		if (verb !== "live" && verb !== "promote") return;
		const excused = new Set([...result.refused.map(({ room }) => room), ...(options.skip ?? [])]);
		for (const id of this.rooms.keys()) {
			const isLeftOut =
				!this.isOn(id, after) && !excused.has(id) && !running.others.has(id) && !changed.has(id);
			insist(!isLeftOut, `room ${id} was left out of a ${verb}`);
		}
	}

	private isOn(id: string, hash: string | null): boolean {
		return this.rooms.get(id) === hash;
	}

	/** The server's lists and rooms are those of the ledger. */
	checkLists(): void {
		const { world, running, name } = this;
		if (!world || running) return;
		const { directory, core } = world;
		const hash = directory.games.get(name)?.hash ?? null;
		insist(hash === this.current, `new rooms get ${short(hash)}, not ${short(this.current)}`);
		const previous = core.deployments.previousOf(name)?.hash ?? null;
		const below = this.layers.at(-1)?.before ?? null;
		insist(previous === below, `a rollback would lead to ${short(previous)}, not ${short(below)}`);
		for (const room of directory.rooms.values()) {
			const known = this.rooms.get(room.id) ?? null;
			insist(known === room.game.hash, `room ${room.id} is on ${short(room.game.hash)}`);
		}
		insist(this.rooms.size === directory.rooms.size, "the ledger knows other rooms");
		const { current, failed, layers } = this;
		const isRevocable = layers.some(({ before, after }) => after === current && before !== current);
		const isBad = isRevocable && failed.has(current);
		insist(!isBad, `new rooms get ${short(current)}, which a room has taken back`);
	}
}
