import { once } from "node:events";
import { ConfigError } from "../../config-error.ts";
import type { Log } from "../../log.ts";
import type { TcpHandle } from "../socket-passing/tcp-handle.ts";
import { GuestProcess } from "./guest-process.ts";
import {
	type FromNew,
	type FromOld,
	type MachineState,
	readFromOld,
	TAKE_OVER_MARK,
	TAKE_OVER_VERSION,
} from "./wire.ts";

/** What the old supervisor has given away, all of it. */
interface Estate {
	readonly state: MachineState;
	readonly sockets: ReadonlyMap<number, TcpHandle>;
	readonly listener: TcpHandle;
	/** Its workers, which run on. */
	readonly guests: readonly GuestProcess[];
}

/** The new supervisor's part of an upgrade: takes port, rooms, sockets and workers of the old one over. */
export class Succession {
	/** Where the room log is that goes on. */
	readonly begin: Extract<FromOld, { type: "begin" }>;
	private readonly log: Log;
	private guests: readonly GuestProcess[] = [];
	private readonly sockets = new Map<number, TcpHandle>();
	private listener: TcpHandle | null = null;
	/** Clients that came while the port changed hands. */
	private readonly early: { handle: TcpHandle; unread: Uint8Array }[] = [];
	private welcome: ((handle: TcpHandle, unread: Uint8Array) => void) | null = null;
	private have: (estate: Estate) => void = () => {};

	private constructor(begin: Succession["begin"], log: Log) {
		this.begin = begin;
		this.log = log;
		process.on("message", (message: unknown, handle: unknown) => {
			this.hear(message, handle as TcpHandle | undefined);
		});
		// what it had to say it has said: its workers went with it
		process.on("disconnect", () => {
			for (const guest of this.guests) guest.ended("the old supervisor is gone");
		});
	}

	/**
	 * Null in a process that nobody started to take over.
	 *
	 * @throws ConfigError when the other one speaks another version
	 */
	static async begin(log: Log): Promise<Succession | null> {
		const isMeant = process.env[TAKE_OVER_MARK] !== undefined;
		delete process.env[TAKE_OVER_MARK];
		if (!isMeant || !process.connected) return null;
		const [first] = await once(process, "message");
		const begin = readFromOld(first);
		if (begin?.type !== "begin" || begin.version !== TAKE_OVER_VERSION) {
			throw new ConfigError(
				`another version of Hotstep runs: this takes over from ${TAKE_OVER_VERSION}`,
			);
		}
		return new Succession(begin, log);
	}

	/** Says that the workers of this one run; resolves with all that the old one had. */
	takeOver(): Promise<Estate> {
		return new Promise((resolve) => {
			this.have = resolve;
			this.tell({ type: "ready", version: TAKE_OVER_VERSION });
		});
	}

	/** This one listens now; `welcome` takes clients that the old one had accepted. */
	done(welcome: (handle: TcpHandle, unread: Uint8Array) => void): void {
		this.welcome = welcome;
		this.welcomeEarly();
		this.tell({ type: "taken" });
	}

	/** Why this one cannot take over. */
	refuse({ name, message }: Error): void {
		this.tell({ type: "cannot", name, detail: message });
	}

	private hear(message: unknown, handle: TcpHandle | undefined): void {
		const told = readFromOld(message);
		switch (told?.type) {
			case "listener":
				this.listener = handle ?? null;
				return;
			case "connection":
				if (handle) this.early.push({ handle, unread: told.unread });
				return this.welcomeEarly();
			case "socket":
				if (handle) this.sockets.set(told.socket, handle);
				return;
			case "state":
				return this.haveAll(told);
			case "report":
				this.guestOf(told.worker)?.emit("message", told.report);
				return;
			case "ended":
				this.guestOf(told.worker)?.ended(told.how);
				return;
			default:
				this.log("error", "the old supervisor speaks nonsense", { error: "ERR_UPGRADE_FAILED" });
		}
	}

	private haveAll(state: MachineState): void {
		const { sockets, listener } = this;
		if (!listener) return this.refuse(new Error("there is no port to listen on"));
		this.guests = state.workers.map(
			({ worker, pid }) => new GuestProcess(worker, pid, (...said) => this.tell(...said)),
		);
		this.have({ state, sockets, guests: this.guests, listener });
	}

	private welcomeEarly(): void {
		const { welcome } = this;
		if (welcome) for (const { handle, unread } of this.early.splice(0)) welcome(handle, unread);
	}

	private guestOf(worker: number): GuestProcess | undefined {
		return this.guests.find(({ oldNumber }) => oldNumber === worker);
	}

	private tell(message: FromNew, handle?: TcpHandle, done: () => void = () => {}): boolean {
		if (!process.connected || !process.send) return false;
		return process.send(message, handle as never, {}, () => done());
	}
}
