import { parseArgs } from "node:util";
import { reportOf, showReport } from "../journal/room-log/log-report.ts";
import { readRoomLog } from "../journal/room-log/read-room-log.ts";

const HELP = `hotstep log DIR [--json]

  Says what is in a room log, and checks it: files, rooms with their epochs, ticks, images and seats, and every
  damage with its file and byte. Nothing is changed; a server may be writing it meanwhile.

  --json   print one JSON object

  Exit code: 0 whole, 1 nothing could be read, 2 something is damaged.
`;

const EXIT = { whole: 0, refused: 1, damaged: 2 } as const;

function readOptions(args: string[]): { folder: string; isJson: boolean } | string {
	try {
		const { values, positionals } = parseArgs({
			args,
			allowPositionals: true,
			options: { json: { type: "boolean" } },
		});
		const [folder, ...more] = positionals;
		if (folder === undefined || more.length > 0) return "name one folder with a room log";
		return { folder, isJson: values.json ?? false };
	} catch (thrown) {
		return (thrown as Error).message;
	}
}

/** `hotstep log`. */
export async function main(args: string[]): Promise<void> {
	if (args.includes("--help")) {
		process.stdout.write(HELP);
		return;
	}
	const options = readOptions(args);
	if (typeof options === "string") {
		process.stderr.write(`hotstep: ERR_CONFIG: ${options}\n`);
		process.exitCode = EXIT.refused;
		return;
	}
	const contents = readRoomLog(options.folder);
	const [first] = contents.problems;
	const isNothing = contents.files.length === 0 && first !== undefined;
	const report = reportOf(contents);
	if (options.isJson) process.stdout.write(`${JSON.stringify(report)}\n`);
	if (isNothing) {
		process.stderr.write(`hotstep: ${first.error}: ${first.detail}\n`);
		process.exitCode = EXIT.refused;
		return;
	}
	if (!options.isJson) process.stdout.write(showReport(report));
	const isWhole = report.problems.length === 0 && report.refused.length === 0;
	process.exitCode = isWhole ? EXIT.whole : EXIT.damaged;
}
