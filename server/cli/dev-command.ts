import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Refusal } from "../../protocol/refusal.ts";
import { ConfigError } from "../config-error.ts";
import { type OpenServer, openServer } from "../open-server.ts";
import { createLog } from "../ops/json-log.ts";
import { runCommand } from "./run-command.ts";
import { readStartConfig, serverOptionsOf } from "./start-config.ts";
import { readHooks } from "./start-hooks.ts";
import { watchSources } from "./watch-sources.ts";

const HELP = `hotstep dev FOLDER [options of hotstep start]

  Builds the game in FOLDER (schema.ts, main.ts or main.c …, and page/main.ts if there is one) and serves
  it. When a file changes, rebuilds it and swaps the new rules into the running rooms, which keep their
  state. Errors of the compiler and of the trial appear here and on the page, and the rooms play on.
`;

type Problem = Refusal | null;

/** The builder runs in a separate process and communicates only through files. */
class Builder {
	private readonly child: ChildProcess;
	private nextId = 0;

	constructor() {
		this.child = fork(new URL("../../game-logic/sdk/build-service.js", import.meta.url));
	}

	async build(folder: string, outFile: string, pageFolder: string): Promise<Problem> {
		const id = this.nextId++;
		this.child.send({ id, folder, outFile, pageFolder });
		for (;;) {
			const [answer] = (await once(this.child, "message")) as [{ id: number; problem: Problem }];
			if (answer.id === id) return answer.problem;
		}
	}

	stop(): void {
		this.child.disconnect();
	}
}

function tellPlayers(server: OpenServer, text: string | null): void {
	for (const room of server.core.directory.rooms.values()) room.notify(text);
}

/** Builds, swaps the result into the running rooms, and reports what happened. */
async function rebuild(
	server: OpenServer,
	build: () => Promise<Problem>,
	file: string,
): Promise<void> {
	const startMs = performance.now();
	const problem = await build();
	if (problem === null) server.effects?.reload();
	const result = problem ?? (await deploy(server, file));
	const tookMs = Math.round(performance.now() - startMs);
	if ("error" in result) {
		process.stdout.write(
			`${result.error}: ${result.detail}\nThe rooms play on with the rules before.\n`,
		);
		tellPlayers(server, `${result.error}: ${result.detail}`);
		return;
	}
	const lines = result.migration.map((line) => `\n  ${line}`).join("");
	process.stdout.write(
		`${result.game} v${result.version} in ${result.swapped.length} rooms after ${tookMs} ms${lines}\n`,
	);
	for (const refused of result.refused) {
		process.stdout.write(`  room ${refused.room} stays: ${refused.error}: ${refused.detail}\n`);
	}
	tellPlayers(server, null);
}

/** Changes that running rooms cannot take: inputs, rates, seats, types, or the name. */
const NEEDS_NEW_ROOMS: ReadonlySet<string> = new Set([
	"ERR_SWAP_INPUT",
	"ERR_SWAP_RATE",
	"ERR_SWAP_CAPACITY",
	"ERR_SWAP_TYPE",
	"ERR_SWAP_GAME",
]);

async function deploy(server: OpenServer, file: string) {
	const bytes = new Uint8Array(await readFile(file));
	const sourceMap = await readFile(`${file}.map`).catch(() => null);
	const candidate = { bytes, origin: file, sourceMap };
	// the game may have been renamed since it was first served
	const [game = ""] = server.core.directory.games.keys();
	const result = await server.core.deployments.deploy(game, candidate, "live");
	const reason = "error" in result ? result : result.refused[0];
	if (!reason || !NEEDS_NEW_ROOMS.has(reason.error)) return result;
	const replaced = await server.core.deployments.replace(game, candidate);
	if ("error" in replaced) return replaced;
	return {
		...replaced,
		migration: [`in new rooms: ${reason.detail.replace(/: use the policy pin$/, "")}`],
	};
}

async function serve([given, ...rest]: string[]): Promise<undefined> {
	if (!given || given.startsWith("-")) throw new ConfigError("name the folder of the game first");
	const folder = path.resolve(given);
	const out = await mkdtemp(path.join(tmpdir(), "hotstep-dev-"));
	const file = path.join(out, "game.wasm");
	const builder = new Builder();
	const leave = async (): Promise<void> => {
		builder.stop();
		await rm(out, { recursive: true, force: true });
	};
	try {
		if (!existsSync(path.join(folder, "schema.ts"))) {
			throw new ConfigError(`there is no schema.ts in ${folder}`);
		}
		const config = readStartConfig([file, ...rest], process.env);
		if (config.games.length > 1) throw new ConfigError("name one folder");
		const ownPage = path.join(out, "page");
		const build = () => builder.build(folder, file, ownPage);
		const problem = await build();
		if (problem) throw Object.assign(new Error(problem.detail), { name: problem.error });
		const server = await openServer({
			...serverOptionsOf(existsSync(ownPage) ? { ...config, pageFolder: ownPage } : config),
			// they are there since the build
			hooks: config.hooksFile ?? readHooks(undefined, [file]),
			games: [file],
			log: createLog(config.logLevel),
		});
		const { url } = await server.listen(config.port, config.host);
		const [game = ""] = server.core.directory.games.keys();
		process.stdout.write(`Hotstep serves ${game} on ${url} and watches ${folder}\n`);
		const unwatch = watchSources(folder, () => rebuild(server, build, file));
		const stop = (): void => {
			unwatch();
			void server.close().then(leave);
		};
		process.once("SIGTERM", stop);
		process.once("SIGINT", stop);
	} catch (thrown) {
		await leave();
		throw thrown;
	}
}

/** `hotstep dev`. */
export function main(args: string[]): Promise<void> {
	return runCommand(args, { help: HELP, run: () => serve(args) });
}
