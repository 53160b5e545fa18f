import { readFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import type { AdminProblem } from "../../protocol/admin-answers.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { ConfigError } from "../config-error.ts";
import type { Deployment } from "../swap/deployment.ts";
import { askAdmin, readToken, refusalOf } from "./ask-admin.ts";
import { parseFlags, runCommand } from "./run-command.ts";

const HELP = `hotstep swap GAME FILE.wasm [options]     deploy new rules to a running server
hotstep swap GAME --promote [options]     give a canary's rules to every room, and to new ones
hotstep swap GAME --rollback [options]    undo the last deployment and nothing else; cancel one in progress
hotstep swap GAME --list [options]        list deployments, newest first

  --policy pin      new rooms get the new rules, running ones finish on theirs (default)
  --policy canary   swap only some running rooms, the fullest first; --canaries says how many (1)
  --policy live     every running room, and new ones
  --policy try      run the trials of live, and change nothing
  --skip ROOM       leave this room out; may be repeated
  --all-or-none     if one room cannot change, change none
  --url URL         the server (http://127.0.0.1:8080)
  --token TOKEN     its admin token (or HOTSTEP_ADMIN_TOKEN in the environment)
  --json            print the server's answer as JSON

  The new rules are first tried in a room of their own and on copies of the rooms. If they are refused,
  nothing changes and the exit code is 1.
`;

function say(deployment: Deployment): string {
	const { game, version, hash, policy, migration, trials, swapped, refused, maxPauseMs } =
		deployment;
	const lines = [`${game} v${version} (${hash.slice(0, 12)}) ${policy}`];
	lines.push(...migration.map((line) => `  ${line}`));
	if (trials.length > 0) {
		const ticks = trials.reduce((sum, trial) => sum + trial.ticks, 0);
		const worst = Math.max(...trials.map((trial) => trial.maxTickMs));
		lines.push(
			`  tried on ${trials.length} rooms for ${ticks} ticks, longest ${worst.toFixed(2)} ms`,
		);
	}
	lines.push(`  changed ${swapped.length} rooms, longest pause ${maxPauseMs.toFixed(2)} ms`);
	lines.push(...refused.map((r) => `  room ${r.room} stays: ${r.error}: ${r.detail}`));
	return `${lines.join("\n")}\n`;
}

function sayList(all: readonly Deployment[]): string {
	if (all.length === 0) return "nothing was deployed\n";
	const lines = all.map(
		({ id, at, policy, version, hash, before, swapped, refused, outcome, by }) =>
			`${id}  ${at}  ${policy} v${version} (${hash.slice(0, 12)}) after v${before.version} (${before.hash.slice(0, 12)}), ${swapped.length} rooms${refused.length > 0 ? `, ${refused.length} stayed` : ""}, ${outcome}, by ${by}`,
	);
	return `${lines.join("\n")}\n`;
}

async function requestBody(file: string | undefined): Promise<{ body: Buffer; mapBytes: number }> {
	if (file === undefined) return { body: Buffer.alloc(0), mapBytes: 0 };
	const wasm = await readFile(file);
	const map = await readFile(`${file}.map`).catch(() => Buffer.alloc(0));
	return { body: Buffer.concat([wasm, map]), mapBytes: map.length };
}

/** The name of this user in the list of deployments. */
function whoRuns(): string {
	try {
		return `${userInfo().username}@${hostname()}`;
	} catch {
		return hostname();
	}
}

function readArguments(args: string[]) {
	const { values, positionals } = parseFlags(args, {
		policy: { type: "string", default: "pin" },
		canaries: { type: "string", default: "1" },
		skip: { type: "string", multiple: true, default: [] },
		"all-or-none": { type: "boolean", default: false },
		url: { type: "string", default: "http://127.0.0.1:8080" },
		token: { type: "string" },
		promote: { type: "boolean", default: false },
		rollback: { type: "boolean", default: false },
		list: { type: "boolean", default: false },
		json: { type: "boolean", default: false },
	});
	const [game, file, ...more] = positionals;
	const asked = [
		...(file === undefined ? [] : ["swap"]),
		...(values.promote ? ["promote"] : []),
		...(values.rollback ? ["rollback"] : []),
		...(values.list ? ["deployments"] : []),
	];
	const [action] = asked;
	if (!game || !action || asked.length > 1 || more.length > 0)
		throw new ConfigError(`usage:\n${HELP}`);
	return { ...values, game, file, token: readToken(values.token), action };
}

async function ask(
	options: ReturnType<typeof readArguments>,
): Promise<Deployment | Deployment[] | AdminProblem> {
	const { game, file, action, policy, canaries, skip } = options;
	const query = new URLSearchParams({ policy, canaries, by: whoRuns() });
	for (const room of skip) query.append("skip", room);
	if (options["all-or-none"]) query.set("all-or-none", "");
	const path = `games/${encodeURIComponent(game)}/${action}?${query}`;
	if (action === "deployments") return askAdmin(options, path);
	const { body, mapBytes } = await requestBody(file).catch(({ message }: Error) => {
		throw new ConfigError(message);
	});
	const headers = {
		"content-type": "application/wasm",
		"x-hotstep-map-bytes": String(mapBytes),
	};
	return askAdmin(options, path, { method: "POST", headers, body: new Uint8Array(body) });
}

async function swap(options: ReturnType<typeof readArguments>): Promise<Refusal | undefined> {
	const answer = await ask(options);
	if (options.json) process.stdout.write(`${JSON.stringify(answer)}\n`);
	else if (Array.isArray(answer)) process.stdout.write(sayList(answer));
	else if (!("error" in answer)) process.stdout.write(say(answer));
	return "error" in answer ? refusalOf(answer) : undefined;
}

/** `hotstep swap`. */
export function main(args: string[]): Promise<void> {
	return runCommand(args, { help: HELP, run: () => swap(readArguments(args)) });
}
