import type { AdminProblem } from "../../protocol/admin-answers.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { ConfigError } from "../config-error.ts";
import { ADMIN_HINTS } from "./admin-hints.ts";
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
	const token = values.token ?? process.env.HOTSTEP_ADMIN_TOKEN;
	if (positionals.length > 0) throw new ConfigError(`usage:\n${HELP}`);
	if (!token) throw new ConfigError("name the admin token: --token, or HOTSTEP_ADMIN_TOKEN");
	return { ...values, token };
}

async function upgrade({ url, token, json }: ReturnType<typeof readArguments>) {
	const base = url.replace(/^ws/, "http").replace(/\/$/, "");
	const headers = { authorization: `Bearer ${token}` };
	const failed = ({ message, cause }: Error): never => {
		throw new ConfigError(`${message}${cause ? ` (${cause})` : ""}`);
	};
	const response = await fetch(`${base}/admin/upgrade`, { method: "POST", headers }).catch(failed);
	const answer = (await response.json().catch(failed)) as { pid: number } | AdminProblem;
	if ("error" in answer) {
		// the name of a server of any version
		const error = answer.error as Refusal["error"];
		return { error, detail: answer.detail ?? ADMIN_HINTS[error] ?? "" };
	}
	const said = `upgraded: process ${answer.pid} serves now, and the old one ends when its rooms have moved`;
	process.stdout.write(json ? `${JSON.stringify(answer)}\n` : `${said}\n`);
	return;
}

/** `hotstep upgrade`. */
export function main(args: string[]): Promise<void> {
	return runCommand(args, { help: HELP, run: () => upgrade(readArguments(args)) });
}
