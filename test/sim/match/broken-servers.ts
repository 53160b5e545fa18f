import { InboxWriter } from "../../../protocol/abi/inbox-writer.ts";
import { type RosterChange, SERVER_MESSAGE } from "../../../protocol/messages/server-message.ts";
import { History } from "../../../server/history/history.ts";
import { InputRing } from "../../../server/input/input-ring.ts";
import { FileRecorder } from "../../../server/journal/file-recorder.ts";
import type { Room } from "../../../server/room/room.ts";
import { Seats } from "../../../server/room/seats.ts";
import { TableQuantiser } from "../../../server/snapshot/quantise.ts";
import { SnapshotEncoder } from "../../../server/snapshot/snapshot-encoder.ts";
import { Deployments } from "../../../server/swap/deployments.ts";
import type { Standing } from "../../../server/swap/deployments-options.ts";
import { swapRoom } from "../../../server/swap/swap-room.ts";
import type { Meddle } from "./match.ts";

type Methods<T> = {
	[K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never;
}[keyof T];

/** Puts another method in the place of a class's or an object's own, until the function that it returns is called. */
function patch<T extends object, K extends Methods<T>>(
	owner: T,
	name: K,
	make: (own: T[K]) => T[K],
): () => void {
	const own = owner[name];
	owner[name] = make(own);
	return () => {
		owner[name] = own;
	};
}

/** The same for a method that is nobody else's business. */
function patchPrivate(
	prototype: object,
	name: string,
	make: (own: (...args: never[]) => unknown) => (...args: never[]) => unknown,
): () => void {
	return patch(prototype as Record<string, (...args: never[]) => unknown>, name, make);
}

/** Breaks the server, in `world` and in all others; returns what mends it. */
export type Break = Meddle;

/** Servers that are wrong in one way each: whoever watches a match must notice every one of them. */
export const BROKEN_SERVERS: Readonly<Record<string, Break>> = {
	"drops a row from a snapshot": (_, random) => {
		let isEncoding = false;
		const live = new WeakMap<TableQuantiser, Uint16Array>();
		const mend = [
			patch(SnapshotEncoder.prototype, "capture", (own) => {
				return function (this: SnapshotEncoder, ...args) {
					isEncoding = true;
					own.apply(this, args);
					isEncoding = false;
				};
			}),
			patch(TableQuantiser.prototype, "capture", (own) => {
				return function (this: TableQuantiser & { gen: Uint16Array }, used, ...args) {
					this.gen = live.get(this) ?? this.gen;
					live.set(this, this.gen);
					own.call(this, used, ...args);
					if (!isEncoding || used === 0 || !random.chance(0.01)) return;
					this.gen = this.gen.slice();
					this.gen[random.below(used)] = 0;
				};
			}),
		];
		return () => {
			for (const undo of mend) undo();
		};
	},

	"doubles an input": (_, random) =>
		patch(InputRing.prototype, "take", (own) => {
			let again = false;
			return function (this: InputRing, tick) {
				const isRepeated = own.call(this, tick);
				again = !isRepeated && random.chance(0.01);
				if (again) this.put(tick + 1, tick, this.taken, 0);
				return isRepeated;
			};
		}),

	"forgets a seat on reconnect": (_, random) =>
		patch(Seats.prototype, "find", (own) => {
			return function (this: Seats, token) {
				return random.chance(0.3) ? null : own.call(this, token);
			};
		}),

	"takes a canary back in every room": (world) =>
		patchPrivate(Deployments.prototype, "takeBack", (own) => {
			return async function (this: Deployments, ...args) {
				const [{ before, deployment }] = args as unknown as [Standing];
				const answer = await own.apply(this, args);
				if (deployment.policy !== "canary") return answer;
				for (const room of world.directory.rooms.values()) swapRoom(room, before);
				return answer;
			};
		}),

	"skips a record of its journal": (_, random) =>
		patch(FileRecorder.prototype, "tick", (own) => {
			return function (this: FileRecorder, room, inbox) {
				if (!random.chance(0.002)) own.call(this, room, inbox);
			};
		}),

	"keeps a leave from the rules": (_, random) =>
		patch(InboxWriter.prototype, "leave", (own) => {
			return function (this: InboxWriter, ...args) {
				return random.chance(0.5) || own.apply(this, args);
			};
		}),

	"encodes by the new rules for a room that went back": (world) => {
		const encoders = new WeakMap<Room, Room["rules"]["encoder"]>();
		const { directory } = world;
		return patch(directory, "open", (own) => (game, id) => {
			const room = own.call(directory, game, id);
			if ("error" in room || !room.recorder) return room;
			const { recorder } = room;
			patch(recorder, "tick", (tick) => (state, inbox) => {
				encoders.set(room, room.encoder);
				tick.call(recorder, state, inbox);
			});
			const rollbacks = { last: 0 };
			patch(recorder, "swap", (swap) => (state, previous) => {
				swap.call(recorder, state, previous);
				const encoder = encoders.get(room);
				const isRollback = room.counters.rollbacks > rollbacks.last;
				rollbacks.last = room.counters.rollbacks;
				if (isRollback && encoder) room.rules = { ...room.rules, encoder };
			});
			return room;
		});
	},

	"does not tell everybody of new rules": (_, random) =>
		patch(Seats.prototype, "sendToAll", (own) => {
			return function (this: Seats, message) {
				if (message[1] !== SERVER_MESSAGE.swap) return own.call(this, message);
				for (const { sink } of this.viewers) if (random.chance(0.9)) sink.send(message);
			};
		}),

	"does not bring the state back after a fault": () =>
		patch(History.prototype, "rewind", () => () => null),

	"forgets to tell of somebody who went": (_, random) =>
		patch(Seats.prototype, "tellRoster", (own) => {
			return function (this: Seats) {
				const { changes } = this as unknown as { changes: RosterChange[] };
				const gone = changes.findIndex(({ name }) => name === null);
				if (gone >= 0 && random.chance(0.3)) changes.splice(gone, 1);
				own.call(this);
			};
		}),

	"pins new rules and gives them to a running room": (world) =>
		patch(Deployments.prototype, "deploy", (own) => {
			return async function (this: Deployments, name, candidate, policy, options) {
				const answer = await own.call(this, name, candidate, policy, options);
				const game = world.directory.games.get(name);
				const [room] = world.directory.rooms.values();
				if (!("error" in answer) && policy === "pin" && game && room) swapRoom(room, game);
				return answer;
			};
		}),

	"keeps a seat that was given up": (_, random) =>
		patch(Seats.prototype, "release", (own) => {
			let isAsleep = random.chance(0.5);
			return function (this: Seats, nowMs) {
				if (random.chance(0.001)) isAsleep = !isAsleep;
				if (!isAsleep) own.call(this, nowMs);
			};
		}),
};
