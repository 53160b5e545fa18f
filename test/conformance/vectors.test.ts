import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
	decodeClientMessage,
	encodeClientMessage,
} from "../../protocol/messages/client-message.ts";
import {
	decodeServerMessage,
	encodeNotice,
	encodePong,
	encodeRoster,
} from "../../protocol/messages/server-message.ts";
import { readPlayerName } from "../../protocol/player-name.ts";
import { repositoryRoot } from "../support/repository-root.ts";
import { hashOf } from "./module-host.ts";
import { readMsgpack, type Value } from "./msgpack.ts";

/** Fields of a message as its vector has them. */
type Fields = Record<string, string | number | boolean | null | string[]>;

interface ClientVector {
	what: string;
	hex: string;
	message?: Fields;
	error?: string;
	written?: boolean;
}

function vectors<T>(file: string): T {
	const text = readFileSync(path.join(repositoryRoot(), "protocol/vectors", file), "utf8");
	return JSON.parse(text) as T;
}

function bytesOf(hex: string): Uint8Array {
	return new Uint8Array(Buffer.from(hex, "hex"));
}

/** As JSON has it: bytes are hex, integers beyond 2^53 text. */
function asJson(value: unknown): unknown {
	return JSON.parse(
		JSON.stringify(value, (_, item: unknown) => {
			if (item instanceof Uint8Array) return Buffer.from(item).toString("hex");
			return typeof item === "bigint" ? String(item) : item;
		}),
	);
}

/** The elements of a client's message, by PROTOCOL.md §2.1. */
function elementsOf({ type, ...m }: Fields): unknown[] {
	if (type === "input") return [2, m.ackTick, m.tick, m.inputs, m.viewAge];
	if (type === "ping") return [3, m.time];
	if (type === "leave") return [4];
	const hello = [1, 2, m.game, m.room, m.name, m.token, m.spectate];
	return Array.isArray(m.capabilities) ? [...hello, m.capabilities.join(" ")] : hello;
}

describe("protocol/vectors", () => {
	const client = vectors<ClientVector[]>("client-messages.json");

	it.each(client)("a client's message: $what", ({ hex, message, error, written }) => {
		const bytes = bytesOf(hex);
		const read = decodeClientMessage(bytes);
		if (error !== undefined) return expect(read).toMatchObject({ error });
		expect(asJson(read)).toEqual(message);
		if (!written || "error" in read || read.type === "unknown") return;
		expect(Buffer.from(encodeClientMessage(read)).toString("hex")).toBe(hex);
		expect(asJson(readMsgpack(bytes))).toEqual(elementsOf(message ?? {}));
	});

	it("has written messages of every type, and refused ones", () => {
		const types = client.filter(({ written }) => written).map(({ message }) => message?.type);
		expect(new Set(types)).toEqual(new Set(["hello", "input", "ping", "leave"]));
		expect(client.filter(({ error }) => error).length).toBeGreaterThan(8);
	});

	it.each(vectors<{ what: string; hex: string; elements: Value[] }[]>("server-messages.json"))(
		"a server's message: $what",
		({ hex, elements }) => {
			const bytes = bytesOf(hex);
			expect(asJson(readMsgpack(bytes))).toEqual(elements);
			const message = decodeServerMessage(bytes);
			if (message === null || message.type === "unknown") throw new Error("not understood");
			const again =
				message.type === "pong"
					? encodePong(message.time, message.tick)
					: message.type === "roster"
						? encodeRoster(message.changes)
						: message.type === "notice"
							? encodeNotice(message.text)
							: bytes;
			expect(Buffer.from(again).toString("hex")).toBe(hex);
		},
	);

	it.each(vectors<{ what: string; given: string; shown: string | null }[]>("player-names.json"))(
		"a name: $what",
		({ given, shown }) => {
			expect(readPlayerName(given)).toBe(shown);
		},
	);

	it.each(vectors<{ words: number[]; hash: string }[]>("state-hash.json"))(
		"the hash $hash",
		({ words, hash }) => {
			expect(hashOf(words)).toBe(hash);
		},
	);
});
