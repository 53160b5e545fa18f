import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

export interface StartedServer {
	process: ChildProcess;
	url: string;
	/** Sends SIGTERM and gives the exit code. */
	stop(): Promise<number | null>;
}

/** Runs `hotstep start` from the build, as an operator would; resolves when it listens. */
export async function startServer(args: readonly string[]): Promise<StartedServer> {
	const child = runCli(["start", "--port", "0", "--log", "error", ...args]);
	let output = "";
	const url = await new Promise<string>((resolve, reject) => {
		child.stdout?.on("data", (chunk) => {
			output += chunk;
			const found = /http:\/\/\S+/.exec(output);
			if (found) resolve(found[0]);
		});
		child.once("exit", () => reject(new Error(`the server did not start: ${output}`)));
	});
	return {
		process: child,
		url,
		async stop() {
			if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
			child.kill("SIGTERM");
			const [code] = await once(child, "exit");
			return code as number | null;
		},
	};
}

export function runCli(args: readonly string[], env = process.env): ChildProcess {
	return spawn(process.execPath, [path.join(root, "dist/server/cli.js"), ...args], {
		cwd: root,
		env,
		stdio: ["ignore", "pipe", "pipe"],
	});
}

/** Runs a command to its end. */
export async function runToEnd(
	args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
	const child = runCli(args);
	let stdout = "";
	let stderr = "";
	child.stdout?.on("data", (chunk) => {
		stdout += chunk;
	});
	child.stderr?.on("data", (chunk) => {
		stderr += chunk;
	});
	const [code] = await once(child, "close");
	return { code: code as number | null, stdout, stderr };
}
