import type { Refusal } from "../../protocol/refusal.ts";
import { ConfigError } from "../config-error.ts";
import { reportOf, showReport } from "../journal/room-log/log-report.ts";
import { readRoomLog } from "../journal/room-log/read-room-log.ts";
import { parseFlags, runCommand } from "./run-command.ts";

const HELP = `hotstep log DIR [--json]

  Says what is in a room log, and checks it: files, rooms with their epochs, ticks, images and seats, and every
  damage with its file and byte. Nothing is changed; a server may be writing it meanwhile.

  --json   print one JSON object

  Exit code: 0 whole, 1 nothing could be read, 2 something is damaged.
`;

const EXIT = { whole: 0, damaged: 2 } as const;

function readOptions(args: string[]): { folder: string; isJson: boolean } {
	const { values, positionals } = parseFlags(args, { json: { type: "boolean" } });
	const [folder, ...more] = positionals;
	if (folder === undefined || more.length > 0) {
		throw new ConfigError("name one folder with a room log");
	}
	return { folder, isJson: values.json ?? false };
}

function describeLog({ folder, isJson }: ReturnType<typeof readOptions>): number | Refusal {
	const contents = readRoomLog(folder);
	const [first] = contents.problems;
	const report = reportOf(contents);
	if (isJson) process.stdout.write(`${JSON.stringify(report)}\n`);
	if (contents.files.length === 0 && first !== undefined) return first;
	if (!isJson) process.stdout.write(showReport(report));
	const isWhole = report.problems.length === 0 && report.refused.length === 0;
	return isWhole ? EXIT.whole : EXIT.damaged;
}

/** `hotstep log`. */
export function main(args: string[]): Promise<void> {
	return runCommand(args, { help: HELP, run: () => describeLog(readOptions(args)) });
}
