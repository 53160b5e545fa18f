import { Pool } from "pg";
import { type StoredResult, storeResult } from "./store-result.ts";

// DATABASE_URL says where the database is, and with what password: never in a file of the game
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
// a connection that breaks while nobody uses it is opened again by the next result
pool.on("error", ({ message }) => process.stderr.write(`PostgreSQL: ${message}\n`));

/** Copy this beside your game's schema.ts: `hotstep build` bundles it, `hotstep start` runs it. */
export const hooks = {
	/** A failure is told to the server, which brings the result again. */
	result: (result: StoredResult): Promise<boolean> => storeResult(pool, result),
};
