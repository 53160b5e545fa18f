import { setTimeout as pause } from "node:timers/promises";
import type { AdminProblem, WorkerLine } from "../../protocol/admin-answers.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { ConfigError } from "../config-error.ts";
import { askAdmin, readToken, refusalOf } from "./ask-admin.ts";
import { parseFlags, runCommand } from "./run-command.ts";

const HELP = `hotstep drain WORKER [options]         empty a worker: its rooms move to the others while they are played
hotstep drain WORKER --undo [options]  let it have rooms again
hotstep drain --list [options]         list workers, with what they have

  --no-wait         do not wait until the last room has left
  --url URL         the server (http://127.0.0.1:8080)
  --token TOKEN     its admin token (or HOTSTEP_ADMIN_TOKEN in the environment)
  --json            print the server's answer as JSON

  A drained worker gets no new rooms, also when it is started again, until --undo. Rooms that cannot leave, because the
  other workers are full or drained too, stay and are played where they are.
`;

/** How often the server is asked how far it is: it moves some rooms in that time. */
const LOOK_MS = 500;

function readArguments(args: string[]) {
	const { values, positionals } = parseFlags(args, {
		undo: { type: "boolean", default: false },
		list: { type: "boolean", default: false },
		"no-wait": { type: "boolean", default: false },
		url: { type: "string", default: "http://127.0.0.1:8080" },
		token: { type: "string" },
		json: { type: "boolean", default: false },
	});
	const [name, ...more] = positionals;
	const isWhole = values.list ? name === undefined : /^\d{1,4}$/.test(name ?? "");
	if (!isWhole || more.length > 0 || (values.list && values.undo)) {
		throw new ConfigError(`usage:\n${HELP}`);
	}
	return { ...values, worker: Number(name ?? 0), token: readToken(values.token) };
}

type Options = ReturnType<typeof readArguments>;

function say({ worker, state, drain, load }: WorkerLine): string {
	const has = load
		? `${load.rooms} rooms, ${load.seats} players, ${load.cpu.toFixed(2)} cores`
		: "";
	const left = drain ? `drained: ${drain.roomsLeft} rooms left, ${drain.moved} moved` : "";
	return `worker ${worker}  ${[state, has, left].filter((text) => text !== "").join(", ")}\n`;
}

/** Tells how many are left whenever that is another number, until none is. */
async function follow(options: Options, first: WorkerLine): Promise<WorkerLine | AdminProblem> {
	let line = first;
	let told = -1;
	while (line.drain !== null && line.drain.roomsLeft > 0) {
		if (!options.json && line.drain.roomsLeft !== told) process.stdout.write(say(line));
		told = line.drain.roomsLeft;
		await pause(LOOK_MS);
		const lines = await askAdmin<WorkerLine[]>(options, "workers");
		if ("error" in lines) return lines;
		line = lines.find(({ worker }) => worker === line.worker) ?? line;
	}
	return line;
}

async function drain(options: Options): Promise<Refusal | undefined> {
	const { worker, undo, list, json } = options;
	const answer = list
		? await askAdmin<WorkerLine[]>(options, "workers")
		: await askAdmin<WorkerLine>(options, `workers/${worker}/${undo ? "undrain" : "drain"}`, {
				method: "POST",
			});
	if ("error" in answer) return refusalOf(answer);
	if (Array.isArray(answer)) {
		process.stdout.write(json ? `${JSON.stringify(answer)}\n` : answer.map(say).join(""));
		return;
	}
	const last = undo || options["no-wait"] ? answer : await follow(options, answer);
	if ("error" in last) return refusalOf(last);
	process.stdout.write(json ? `${JSON.stringify(last)}\n` : say(last));
}

/** `hotstep drain`. */
export function main(args: string[]): Promise<void> {
	return runCommand(args, { help: HELP, run: () => drain(readArguments(args)) });
}
