#!/usr/bin/env node
/** Each command is a program of its own, found by its file: the server imports none of the others. */
const COMMANDS: Readonly<Record<string, { file: string; about: string }>> = {
	new: { file: "./cli/new-command.js", about: "create a small game to start from" },
	start: { file: "./cli/start-command.js", about: "serve games over WebSocket" },
	dev: {
		file: "./cli/dev-command.js",
		about: "serve a game and reload its rules as you edit them",
	},
	swap: { file: "./cli/swap-command.js", about: "deploy new rules to a running server" },
	drain: {
		file: "./cli/drain-command.js",
		about: "empty a worker of a running server, room by room",
	},
	upgrade: {
		file: "./cli/upgrade-command.js",
		about: "replace a running server by the version on disk",
	},
	replay: {
		file: "./cli/replay-command.js",
		about: "replay a recorded room, or other rules on it",
	},
	verify: {
		file: "./cli/verify-command.js",
		about: "run a recorded room in other WebAssembly engines",
	},
	log: { file: "./cli/log-command.js", about: "say what is in a room log, and check it" },
	check: {
		file: "./cli/check-command.js",
		about: "describe a module, and test that it keeps its state",
	},
	build: {
		file: "../game-logic/sdk/build-command.js",
		about: "build a game's folder into a module",
	},
	bots: { file: "../bots/main.js", about: "play with many bots, and measure" },
};

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
	const found = process.versions.node;
	process.stderr.write(`hotstep: ERR_CONFIG: Node 20.19 or newer is needed, this is ${found}\n`);
	process.exit(1);
}

// whoever reads the output may stop reading; a command must go on regardless, a server above all
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

const [command = "help", ...given] = process.argv.slice(2);
const args = given.map((arg) => (arg === "-h" ? "--help" : arg));
const found = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
if (command === "--version") {
	const { VERSION } = await import("./installation.js");
	process.stdout.write(`${VERSION}\n`);
} else if (found) {
	if (command === "start" || command === "dev") {
		const { importInParts } = await import("./import-in-parts.js");
		await importInParts();
	}
	const program: { main(args: string[]): Promise<void> } = await import(
		new URL(found.file, import.meta.url).href
	);
	await program.main(args);
} else {
	const lines = Object.entries(COMMANDS).map(([name, { about }]) => `  ${name.padEnd(8)}${about}`);
	const isHelp = ["help", "--help", "-h"].includes(command);
	const text = `hotstep COMMAND [--help]\n\n${lines.join("\n")}\n`;
	if (isHelp) process.stdout.write(text);
	else {
		process.stderr.write(`hotstep: ERR_CONFIG: there is no command "${command}"\n\n${text}`);
		process.exitCode = 1;
	}
}
