import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Deployment } from "./swap/deployments.ts";

const HELP = `hotstep swap GAME FILE.wasm [options]     deploys new rules into a running server
hotstep swap GAME --rollback [options]    takes the last deployment back

  --policy pin      new rooms get the new rules, running ones finish on theirs (default)
  --policy canary   running rooms, the fullest first, as many as --canaries says (1)
  --policy live     every running room, and new ones
  --policy try      nothing changes: only the trials of live
  --url URL         the server (http://127.0.0.1:8080)
  --token TOKEN     its admin token (or HOTSTEP_ADMIN_TOKEN in the environment)
  --json            print the answer as it came

  The new rules are first tried on copies of the rooms. What is refused changes nothing, and exits 1.
`;

type Refusal = { error: string; detail?: string };

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

async function requestBody(file: string | undefined): Promise<{ body: Buffer; mapBytes: number }> {
	if (file === undefined) return { body: Buffer.alloc(0), mapBytes: 0 };
	const wasm = await readFile(file);
	const map = await readFile(`${file}.map`).catch(() => Buffer.alloc(0));
	return { body: Buffer.concat([wasm, map]), mapBytes: map.length };
}

/** What to do about answers that come without a detail. */
const HINTS: Readonly<Record<string, string>> = {
	ERR_ADMIN_OFF: "the server was started without --admin-token",
	ERR_ADMIN_TOKEN: "the server has another admin token",
	ERR_ADMIN_REMOTE: "the server takes this from its own machine only, or with --admin-remote",
	ERR_NOT_FOUND: "there is no Hotstep server at --url",
};

/** `hotstep swap`. */
export async function main(args: string[]): Promise<void> {
	if (args.includes("--help")) {
		process.stdout.write(HELP);
		return;
	}
	try {
		const { values, positionals } = parseArgs({
			args,
			allowPositionals: true,
			options: {
				policy: { type: "string", default: "pin" },
				canaries: { type: "string", default: "1" },
				url: { type: "string", default: "http://127.0.0.1:8080" },
				token: { type: "string" },
				rollback: { type: "boolean", default: false },
				json: { type: "boolean", default: false },
			},
		});
		const [game, file, ...more] = positionals;
		const token = values.token ?? process.env.HOTSTEP_ADMIN_TOKEN;
		if (!game || (file === undefined) !== values.rollback || more.length > 0) {
			throw new Error(`usage:\n${HELP}`);
		}
		if (!token) throw new Error("name the admin token: --token, or HOTSTEP_ADMIN_TOKEN");
		const action = values.rollback ? "rollback" : "swap";
		const query = new URLSearchParams({ policy: values.policy, canaries: values.canaries });
		const { body, mapBytes } = await requestBody(file);
		const response = await fetch(
			`${values.url.replace(/^ws/, "http")}/admin/games/${encodeURIComponent(game)}/${action}?${query}`,
			{
				method: "POST",
				headers: {
					authorization: `Bearer ${token}`,
					"content-type": "application/wasm",
					"x-hotstep-map-bytes": String(mapBytes),
				},
				body: new Uint8Array(body),
			},
		);
		const answer = (await response.json()) as Deployment | Refusal;
		if (values.json) process.stdout.write(`${JSON.stringify(answer)}\n`);
		else if (!("error" in answer)) process.stdout.write(say(answer));
		if ("error" in answer) {
			process.stderr.write(
				`hotstep: ${answer.error}: ${answer.detail ?? HINTS[answer.error] ?? ""}\n`,
			);
			process.exitCode = 1;
		}
	} catch (thrown) {
		const { message, cause } = thrown as Error;
		process.stderr.write(`hotstep: ERR_CONFIG: ${message}${cause ? ` (${cause})` : ""}\n`);
		process.exitCode = 1;
	}
}
