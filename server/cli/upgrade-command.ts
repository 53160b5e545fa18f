import { ConfigError } from "../config-error.ts";
import { askAdmin, readToken, refusalOf } from "./ask-admin.ts";
import { parseFlags, runCommand } from "./run-command.ts";

const HELP = `hotstep upgrade [options]     replace a running server by the version on disk, while everybody plays on

  --url URL         the server (http://127.0.0.1:8080)
  --token TOKEN     its admin token (or HOTSTEP_ADMIN_TOKEN in the environment)
  --json            print the server's answer as JSON

  The server starts the files that it was started from once more, with the same flags. The new one takes over port, rooms
  and connections; if it does not come up, the old one goes on as before. SIGUSR2 to the server does the same.
`;

function readArguments(args: string[]) {
	const { values, positionals } = parseFlags(args, {
		url: { type: "string", default: "http://127.0.0.1:8080" },
		token: { type: "string" },
		json: { type: "boolean", default: false },
	});
	if (positionals.length > 0) throw new ConfigError(`usage:\n${HELP}`);
	return { ...values, token: readToken(values.token) };
}

async function upgrade(options: ReturnType<typeof readArguments>) {
	const answer = await askAdmin<{ pid: number }>(options, "upgrade", { method: "POST" });
	if ("error" in answer) return refusalOf(answer);
	const said = `upgraded: process ${answer.pid} serves now, and the old one ends when its rooms have moved`;
	process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : `${said}\n`);
	return;
}

/** `hotstep upgrade`. */
export function main(args: string[]): Promise<void> {
	return runCommand(args, { help: HELP, run: () => upgrade(readArguments(args)) });
}
