import type { ChainTable } from "../../protocol/codec/chain-state.ts";
import type { Game } from "../../protocol/schema/define-game.ts";
import type { EventViews, StateView } from "../../protocol/schema/view-types.ts";
import type { WireSchema } from "../../protocol/wire-schema.ts";
import { Traffic } from "../connection/traffic.ts";
import { type Listener, Listeners } from "../listeners.ts";
import { Prediction } from "../prediction/prediction.ts";
import type { ReceivedRoom } from "../received-room.ts";
import type { RoomOptions } from "../room-options.ts";
import { type RoomStats, roomStats, type SnapshotReport } from "../room-stats.ts";

export type RoomStatus = "connecting" | "playing" | "reconnecting" | "closed";

type EventName<G extends Game> = keyof EventViews<G> & string;

/** What a room shows, and its listeners. */
export abstract class RoomView<G extends Game> {
	readonly traffic = new Traffic();
	protected readonly options: RoomOptions;
	protected copy: ReceivedRoom | null = null;
	protected readonly prediction: Prediction;
	protected readonly statusListeners = new Listeners<RoomStatus>();
	protected readonly rosterListeners = new Listeners<ReadonlyMap<number, string>>();
	protected readonly swapListeners = new Listeners<{ version: number; moduleHash: string }>();
	protected readonly noticeListeners = new Listeners<string | null>();
	protected readonly snapshotListeners = new Listeners<SnapshotReport>();
	protected readonly eventListeners = new Map<string, Listeners<never>>();

	constructor(options: RoomOptions) {
		this.options = options;
		this.prediction = new Prediction(options.url, options.predict, options.loadModule);
	}

	/** Whether own rows are predicted, if the game allows it; may be changed at any time. */
	get predict(): boolean {
		return this.prediction.isWanted;
	}

	set predict(wanted: boolean) {
		this.prediction.isWanted = wanted;
	}

	/** Whether other players are interpolated slightly in the past; may be changed at any time. */
	get interpolate(): boolean {
		return this.options.interpolate;
	}

	set interpolate(wanted: boolean) {
		this.options.interpolate = wanted;
		if (this.copy) this.copy.interpolate = wanted;
	}

	/** The tables, filled by `update`: `room.state.ship.x[slot]`. The arrays stay the same objects. */
	get state(): StateView<G> {
		return (this.copy?.state ?? {}) as StateView<G>;
	}

	/** Number of this player's seat, -1 for none. */
	get player(): number {
		return this.copy?.welcome.player ?? -1;
	}

	get id(): string {
		return this.copy?.welcome.room ?? "";
	}

	/** The server's description of the game: tables, input fields, events. Null before the welcome. */
	get schema(): WireSchema | null {
		return this.copy?.welcome.schema ?? null;
	}

	/** Names by seat. */
	get roster(): ReadonlyMap<number, string> {
		return this.copy?.roster ?? new Map();
	}

	/** The tables as received: integers, for tools that compare. Null before the welcome. */
	get received(): readonly ChainTable[] | null {
		return this.copy?.received ?? null;
	}

	get moduleHash(): string {
		return this.copy?.moduleHash ?? "";
	}

	/** Version of the rules, as the game's schema counts them. */
	get version(): number {
		return this.copy?.version ?? 0;
	}

	get stats(): RoomStats {
		return roomStats(this.copy, this.traffic, this.prediction, this.options.now());
	}

	onStatus(listener: Listener<RoomStatus>): () => void {
		return this.statusListeners.add(listener);
	}

	onRoster(listener: Listener<ReadonlyMap<number, string>>): () => void {
		return this.rosterListeners.add(listener);
	}

	/**
	 * The room's rules were replaced while it runs; `state` holds new arrays from now on. They show the
	 * old values until the first snapshot under the new rules.
	 */
	onSwap(listener: Listener<{ version: number; moduleHash: string }>): () => void {
		return this.swapListeners.add(listener);
	}

	onNotice(listener: Listener<string | null>): () => void {
		return this.noticeListeners.add(listener);
	}

	onSnapshot(listener: Listener<SnapshotReport>): () => void {
		return this.snapshotListeners.add(listener);
	}

	/** Calls `listener` with an event's fields when the moment shown has reached it. */
	on<E extends EventName<G>>(event: E, listener: Listener<EventViews<G>[E]>): () => void {
		const listeners = this.eventListeners.get(event) ?? new Listeners<never>();
		this.eventListeners.set(event, listeners);
		return listeners.add(listener as Listener<never>);
	}
}
