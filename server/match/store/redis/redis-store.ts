import { createHash } from "node:crypto";
import type { createClient } from "redis";
import { ConfigError } from "../../../config-error.ts";
import type { Log } from "../../../log.ts";
import { MATCH_LIMITS } from "../../match-limits.ts";
import { checkChanges } from "../check-changes.ts";
import {
	type Change,
	type CommitResult,
	type Entry,
	type Store,
	StoreDown,
	type Watcher,
} from "../store.ts";
import { channelOf, keysOf, SCRIPTS } from "./scripts.ts";
import { SpaceWatch } from "./space-watch.ts";

type Client = ReturnType<typeof createClient>;

interface RedisStoreOptions {
	/** `redis://[user[:password]@]host[:port][/database]`, or `rediss://` for TLS. */
	readonly url: string;
	/** Replaces that of the URL, which others may read. */
	readonly password?: string;
	readonly log: Log;
	/** Entries of one space at most. */
	readonly maxEntries?: number;
	/** How long an answer is waited for, ms. */
	readonly timeoutMs?: number;
}

const HASHES = Object.fromEntries(
	Object.entries(SCRIPTS).map(([name, text]) => [
		name,
		createHash("sha1").update(text).digest("hex"),
	]),
) as Record<keyof typeof SCRIPTS, string>;

/** Not needed where one machine is all, so it is not installed with us. */
async function loadLibrary(): Promise<typeof import("redis")> {
	try {
		return await import("redis");
	} catch (thrown) {
		const { code, message } = thrown as NodeJS.ErrnoException;
		const hint = code?.endsWith("MODULE_NOT_FOUND") ? "npm install redis" : message;
		throw new ConfigError(`a store in Redis needs the package "redis": ${hint}`);
	}
}

function readEntry(key: string, raw: string): Entry {
	const space = raw.indexOf(" ");
	return { key, value: raw.slice(space + 1), version: Number(raw.slice(0, space)) };
}

/**
 * The store of servers on many machines: Redis or Valkey, 7.0 or later. What it promises about versions and commits
 * holds while one master answers; one that lacks the last second goes on with higher versions.
 */
export class RedisStore implements Store {
	private readonly options: RedisStoreOptions;
	private readonly asking: Client;
	/** Its own line: one that hears of changes can ask for nothing else. */
	private readonly hearing: Client;
	private readonly watches = new Set<SpaceWatch>();
	private readonly spaces = new Set<string>();
	private isDown = false;

	private constructor(client: Client, options: RedisStoreOptions) {
		this.options = options;
		this.asking = client;
		this.hearing = client.duplicate();
		for (const line of [this.asking, this.hearing]) {
			line.on("error", ({ message }: Error) => this.tell(message));
			line.on("ready", () => this.tell(null));
		}
		this.hearing.on("ready", () => this.refreshAll());
	}

	/**
	 * @throws ConfigError when the library is missing, or the URL is none
	 * @throws StoreDown when nobody answers, lets us in, or is too old
	 */
	static async open(options: RedisStoreOptions): Promise<RedisStore> {
		const { createClient } = await loadLibrary();
		const { url, password, timeoutMs = MATCH_LIMITS.storeAnswerMs } = options;
		if (!/^rediss?:\/\//.test(url)) {
			throw new ConfigError("a store is redis://host:port or rediss://host:port");
		}
		const client = createClient({
			...{ url, disableOfflineQueue: true, pingInterval: MATCH_LIMITS.storePingMs },
			...(password === undefined ? {} : { password }),
			commandsQueueMaxLength: MATCH_LIMITS.storeQueue,
			socket: {
				connectTimeout: timeoutMs,
				socketTimeout: 2 * MATCH_LIMITS.storePingMs,
				reconnectStrategy: (tries) =>
					Math.min(MATCH_LIMITS.storeRetryMs, 50 * 2 ** Math.min(tries, 10)),
			},
		});
		const store = new RedisStore(client as Client, options);
		try {
			await store.within(Promise.all([store.asking.connect(), store.hearing.connect()]));
			await store.checkVersion();
		} catch (thrown) {
			await store.close();
			throw thrown instanceof StoreDown ? thrown : new StoreDown((thrown as Error).message);
		}
		return store;
	}

	async get(space: string, key: string): Promise<Entry | null> {
		const raw = await this.run("get", space, [key]);
		return typeof raw === "string" ? readEntry(key, raw) : null;
	}

	async list(space: string, prefix = ""): Promise<readonly Entry[]> {
		return (await this.listAt(space, prefix)).entries;
	}

	async commit(space: string, changes: readonly Change[]): Promise<CommitResult> {
		checkChanges(changes);
		const { maxEntries = MATCH_LIMITS.storeEntries } = this.options;
		const args = [String(maxEntries)];
		for (const { key, expect, value, ttlMs } of changes) {
			const what = value === undefined ? "check" : value === null ? "remove" : "put";
			const ttl = ttlMs === undefined ? "" : String(Math.ceil(ttlMs));
			args.push(key, expect === undefined ? "" : String(expect), what, value ?? "", ttl);
		}
		const [kind, what] = (await this.run("commit", space, args)) as [string, string];
		if (kind === "version") return { version: Number(what) };
		return kind === "conflict" ? { conflict: what } : { full: true };
	}

	async watch(space: string, watcher: Watcher): Promise<() => void> {
		const watch = new SpaceWatch(watcher, () => this.listAt(space, ""));
		const hear = (message: string): void => watch.hear(message);
		const channel = channelOf(space);
		this.spaces.add(space);
		await this.within(this.hearing.sSubscribe(channel, hear));
		await watch.refresh();
		this.watches.add(watch);
		return () => {
			watch.close();
			this.watches.delete(watch);
			this.hearing.sUnsubscribe(channel, hear).catch(() => {});
		};
	}

	sweep(): void {
		for (const space of this.spaces) this.run("sweep", space, []).catch(() => {});
	}

	async close(): Promise<void> {
		for (const watch of this.watches) watch.close();
		this.watches.clear();
		for (const line of [this.asking, this.hearing]) if (line.isOpen) line.destroy();
	}

	private async listAt(
		space: string,
		prefix: string,
	): Promise<{ version: number; entries: readonly Entry[] }> {
		const [version = "0", ...rest] = (await this.run("list", space, [prefix])) as string[];
		const entries: Entry[] = [];
		for (let i = 0; i < rest.length; i += 2) {
			entries.push(readEntry(rest[i] as string, rest[i + 1] as string));
		}
		return { version: Number(version), entries };
	}

	/** @throws StoreDown when there is no answer: what was asked for may have been done */
	private async run(name: keyof typeof SCRIPTS, space: string, args: string[]): Promise<unknown> {
		this.spaces.add(space);
		const call = { keys: keysOf(space), arguments: args };
		try {
			return await this.within(this.asking.evalSha(HASHES[name], call));
		} catch (thrown) {
			// a store that was started anew has not heard of it
			if (!(thrown as Error).message.startsWith("NOSCRIPT")) throw thrown;
			return await this.within(this.asking.eval(SCRIPTS[name], call));
		}
	}

	private async within<T>(answer: Promise<T>): Promise<T> {
		const { timeoutMs = MATCH_LIMITS.storeAnswerMs } = this.options;
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<never>((_, reject) => {
			const over = (): void => reject(new StoreDown(`no answer within ${timeoutMs} ms`));
			timer = setTimeout(over, timeoutMs);
		});
		// whichever of the two comes later is nobody's
		answer.catch(() => {});
		try {
			return await Promise.race([answer, late]);
		} catch (thrown) {
			if (thrown instanceof StoreDown || (thrown as Error).message.startsWith("NOSCRIPT"))
				throw thrown;
			throw new StoreDown((thrown as Error).message);
		} finally {
			clearTimeout(timer);
		}
	}

	private async checkVersion(): Promise<void> {
		const info = await this.within(this.asking.info("server"));
		const version = /^(?:valkey|redis)_version:(\d+)/m.exec(info)?.[1] ?? "0";
		if (Number(version) < 7)
			throw new StoreDown(`Redis or Valkey 7.0 is needed, this is ${version}`);
	}

	/** Changes may have been missed while the line was broken. */
	private refreshAll(): void {
		for (const watch of this.watches) {
			watch.refresh().catch(({ message }: Error) => {
				this.tell(message);
				setTimeout(
					() => this.watches.has(watch) && this.refreshAll(),
					MATCH_LIMITS.storeRetryMs,
				).unref();
			});
		}
	}

	/** Once for each time that it is down. */
	private tell(trouble: string | null): void {
		const { log } = this.options;
		if (this.isDown === (trouble !== null)) return;
		this.isDown = trouble !== null;
		if (trouble === null) log("info", "store is back");
		else log("error", "store does not answer", { error: "ERR_STORE_DOWN", detail: trouble });
	}
}
