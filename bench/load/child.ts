import { type ChildProcess, fork } from "node:child_process";

/** A child did not do what it was started for. */
export class ChildError extends Error {
	override readonly name = "ERR_BENCH_CHILD";
}

const LEAVE_MS = 5_000;

/** A program of the benchmark in a process of its own, asked and answering over the IPC channel. */
export class Child {
	private readonly process: ChildProcess;
	private readonly about: string;
	private errors = "";

	constructor(about: string, program: string, options: object, execArgv: string[] = []) {
		this.about = about;
		this.process = fork(program, [JSON.stringify(options)], {
			serialization: "advanced",
			stdio: ["ignore", "ignore", "pipe", "ipc"],
			execArgv,
		});
		this.process.stderr?.on("data", (text) => {
			this.errors = (this.errors + text).slice(-2_000);
		});
		this.process.on("error", () => {});
	}

	/** The next message that has this field. @throws ChildError when it ends or takes too long */
	next<T>(field: string, withinMs: number): Promise<T> {
		const child = this.process;
		return new Promise((resolve, reject) => {
			const fail = (why: string): void => {
				end();
				reject(new ChildError(`${this.about} ${why}${this.lastError()}`));
			};
			const timer = setTimeout(() => fail(`gave no ${field} in ${withinMs / 1000} s`), withinMs);
			const onMessage = (message: Record<string, unknown>): void => {
				if (!(field in message)) return;
				end();
				resolve(message as T);
			};
			const onExit = (): void => fail(`ended before its ${field}`);
			const end = (): void => {
				clearTimeout(timer);
				child.off("message", onMessage);
				child.off("exit", onExit);
			};
			child.on("message", onMessage);
			child.once("exit", onExit);
			if (child.exitCode !== null || child.signalCode !== null) onExit();
		});
	}

	/** The line of its error output that says most. */
	private lastError(): string {
		const lines = this.errors.split("\n").filter((line) => line.trim() !== "");
		const found = lines.find((line) => /error/i.test(line)) ?? lines[0];
		return found ? `: ${found.trim()}` : "";
	}

	send(message: object | string): void {
		if (this.process.connected) this.process.send(message);
	}

	/** Resolves when the process is gone. */
	async stop(): Promise<void> {
		const { process: child } = this;
		if (child.exitCode !== null || child.signalCode !== null) return;
		const gone = new Promise<void>((resolve) => {
			child.once("exit", () => resolve());
		});
		// every program leaves when its channel closes, with time to write a profile that was asked for
		if (child.connected) child.disconnect();
		const cut = setTimeout(() => child.kill("SIGKILL"), LEAVE_MS);
		await gone;
		clearTimeout(cut);
	}
}
