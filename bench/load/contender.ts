import path from "node:path";
import { DIST, ROOT } from "../root.ts";
import type { DialectName } from "./dialects.ts";

/** What one server is asked to hold. */
export interface Crowd {
	rooms: number;
	/** In each room. */
	clients: number;
	rateHz: number;
}

/** A server program that takes part in a comparison. */
export interface Contender {
	name: string;
	/** The file that is started as a process of its own, see `ServerProcess`. */
	program: string;
	/** Given to it as JSON, the crowd beside them. */
	options: Readonly<Record<string, unknown>>;
	/** What its clients speak. */
	dialect: DialectName;
	/** Names the kind of room in the dialect: a game. */
	game: string;
	/** See `SinkOptions`; none of both by default. */
	inputBytes?: number;
	wholeEvery?: number;
}

/** Sources of the peers; they are no part of the build. */
export const PEERS_FOLDER = path.join(ROOT, "bench/peers");

export function hotstep(game: string, file: string): Contender {
	const program = path.join(DIST, "bench/load/hotstep-server.js");
	return { name: "hotstep", program, options: { file }, dialect: "hotstep", game };
}

/** `ws.send` of one prepared buffer of so many bytes to each: the ceiling. */
export function rawWs(bytes: number): Contender {
	const program = path.join(PEERS_FOLDER, "ws-broadcast.mjs");
	return { name: "raw ws, equal bytes", program, options: { bytes }, dialect: "plain", game: "" };
}

/** `socket.write` of one framed buffer of so many bytes to each: the floor in Node. */
export function rawNet(bytes: number): Contender {
	const program = path.join(PEERS_FOLDER, "net-write.mjs");
	return { name: "raw net, equal bytes", program, options: { bytes }, dialect: "plain", game: "" };
}

/** A room of Colyseus 0.18 whose columns are quantised as the game's. */
export function colyseus(room: "crowd" | "roamers"): Contender {
	const program = path.join(PEERS_FOLDER, "colyseus-room.mjs");
	return { name: "Colyseus 0.18", program, options: {}, dialect: "colyseus", game: room };
}
