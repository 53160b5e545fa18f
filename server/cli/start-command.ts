import { VERSION } from "../installation.ts";
import { recordTo } from "../journal/journal-folder.ts";
import { openServer } from "../open-server.ts";
import { groupLines } from "../ops/group-lines.ts";
import { createLog, standardError } from "../ops/json-log.ts";
import { sayError } from "./say-error.ts";
import { readStartConfig, START_HELP, serverOptionsOf } from "./start-config.ts";

/** How long a stopping server waits for the reader of its log. */
const FLUSH_MS = 1_000;

/** `hotstep start`: serves until SIGTERM or SIGINT. */
export async function main(args: string[]): Promise<void> {
	if (args.includes("--help")) {
		process.stdout.write(START_HELP);
		return;
	}
	try {
		const config = readStartConfig(args, process.env);
		const { log, flush } = groupLines(createLog(config.logLevel));
		const { recordFolder, recordRetention: retention } = config;
		const journals =
			recordFolder === null ? null : recordTo(recordFolder, log, retention ? { retention } : {});
		const options = serverOptionsOf(config);
		const server = await openServer({
			...options,
			log,
			rooms: { ...options.rooms, recorder: journals ?? undefined },
		});
		const { url } = await server.listen(config.port, config.host);
		const served = [...server.core.directory.games.values()];
		const games = served.map(({ name, version, hash }) => ({ name, version, hash }));
		const { pid, version: node } = process;
		log("info", "started", { version: VERSION, node, pid, url, games });
		process.stdout.write(`Hotstep serves ${served.map(({ name }) => name).join(", ")} on ${url}\n`);
		let isStopping = false;
		const stop = (signal: NodeJS.Signals): void => {
			if (isStopping) process.exit(1);
			isStopping = true;
			log("info", "stopping", { signal, rooms: server.core.directory.rooms.size });
			const saved = server.close().then(() => journals?.finished());
			const said = saved.then(() => {
				flush();
				log("info", "stopped", { pid });
			});
			void said.then(() => standardError.flushed(FLUSH_MS)).then(() => process.exit(0));
		};
		process.on("SIGTERM", stop);
		process.on("SIGINT", stop);
	} catch (thrown) {
		process.stderr.write(sayError(thrown));
		process.exitCode = 1;
	}
}
