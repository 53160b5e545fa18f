import { readFileSync } from "node:fs";
import type { Pool } from "pg";

/** A result as hooks and webhooks bring it. */
export interface StoredResult {
	readonly key: string;
	readonly room: string;
	readonly game: string;
	readonly name: string;
	readonly tick: number;
	readonly player: { readonly name: string } | null;
	readonly fields: object;
}

/** Makes the tables, unless they are there. */
export async function createTables(pool: Pool): Promise<void> {
	await pool.query(readFileSync(new URL("schema.sql", import.meta.url), "utf8"));
}

/**
 * Takes a result and does what it does, in one transaction: the second time that a key comes, nothing happens.
 * False for one that had been taken.
 */
export async function storeResult(pool: Pool, result: StoredResult): Promise<boolean> {
	const { key, room, game, name, tick, player, fields } = result;
	const client = await pool.connect();
	try {
		await client.query("BEGIN");
		const { rowCount } = await client.query(
			`INSERT INTO results (key, room, game, name, tick, player, fields)
			 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (key) DO NOTHING`,
			[key, room, game, name, tick, player?.name ?? null, JSON.stringify(fields)],
		);
		const isNew = rowCount === 1;
		if (isNew && player !== null) {
			await client.query(
				`INSERT INTO players (name, matches) VALUES ($1, 1)
				 ON CONFLICT (name) DO UPDATE SET matches = players.matches + 1`,
				[player.name],
			);
		}
		await client.query("COMMIT");
		return isNew;
	} catch (thrown) {
		await client.query("ROLLBACK").catch(() => {});
		throw thrown;
	} finally {
		client.release();
	}
}
