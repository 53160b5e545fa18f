import path from "node:path";
import type { WireTable } from "../protocol/wire-schema.ts";
import { installPeers } from "./install-peers.ts";
import { PEERS_FOLDER } from "./load/contender.ts";
import type { PlainRows } from "./plain-rows.ts";

/** Colyseus' encoder, following a game's tables; see bench/peers/schema-bytes.mjs. */
export interface SchemaBytes {
	/** Bytes of the message from the state before to this one. */
	advance(state: PlainRows): number;
}

export type MakeSchemaBytes = (tables: readonly WireTable[]) => SchemaBytes;

/** Loads what was installed on demand; why it cannot be had is told by `{ failed }`. */
export async function loadSchemaBytes(): Promise<MakeSchemaBytes | { failed: string }> {
	const problem = await installPeers();
	if (problem !== null) return { failed: problem };
	try {
		const loaded: { SchemaBytes: new (tables: readonly WireTable[]) => SchemaBytes } = await import(
			path.join(PEERS_FOLDER, "schema-bytes.mjs")
		);
		return (tables) => new loaded.SchemaBytes(tables);
	} catch (thrown) {
		return { failed: (thrown as Error).message };
	}
}
