import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";

/** Debian keeps these out of PATH. */
function findPrograms(): string | null {
	const versions = "/usr/lib/postgresql";
	if (!existsSync(versions)) return null;
	const [newest] = readdirSync(versions).sort((a, b) => Number(b) - Number(a));
	const folder = path.join(versions, newest ?? "", "bin");
	return existsSync(path.join(folder, "initdb")) ? folder : null;
}

const programs = findPrograms();
export const hasPostgres = programs !== null;

/** PostgreSQL refuses to run as root. */
function unprivileged(): { uid?: number; gid?: number } {
	if (userInfo().uid !== 0) return {};
	const id = (flag: string): number => Number(execFileSync("id", [flag, "nobody"]).toString());
	return { uid: id("-u"), gid: id("-g") };
}

/** A PostgreSQL of a test's own: a free port, a temporary folder, an unprivileged user. */
export class PostgresServer {
	readonly url: string;
	private readonly port: number;
	private readonly folder: string;
	private child: ChildProcess | null = null;

	private constructor(port: number, folder: string) {
		this.port = port;
		this.folder = folder;
		this.url = `postgres://hotstep@127.0.0.1:${port}/postgres`;
	}

	static async start(): Promise<PostgresServer> {
		const probe = createServer().listen(0, "127.0.0.1");
		await once(probe, "listening");
		const { port } = probe.address() as { port: number };
		await new Promise((resolve) => probe.close(resolve));
		const folder = mkdtempSync(path.join(tmpdir(), "hotstep-postgres-"));
		const user = unprivileged();
		if (user.uid !== undefined) chownSync(folder, user.uid, user.gid as number);
		const data = path.join(folder, "data");
		const options = ["-D", data, "-U", "hotstep", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"];
		execFileSync(path.join(programs as string, "initdb"), options, {
			...{ ...user, cwd: folder, stdio: "pipe" },
		});
		const server = new PostgresServer(port, folder);
		await server.run();
		return server;
	}

	/** Starts it again with what it had. */
	async run(): Promise<void> {
		const options = ["-D", path.join(this.folder, "data"), "-p", String(this.port)];
		const set = [
			"-c",
			"listen_addresses=127.0.0.1",
			"-c",
			`unix_socket_directories=${this.folder}`,
		];
		const child = spawn(path.join(programs as string, "postgres"), [...options, ...set], {
			...{ ...unprivileged(), cwd: this.folder, stdio: ["ignore", "ignore", "pipe"] },
		});
		this.child = child;
		let said = "";
		await new Promise<void>((resolve, reject) => {
			child.stderr?.on("data", (text: Buffer) => {
				said += text;
				if (said.includes("ready to accept connections")) resolve();
			});
			child.once("exit", () => reject(new Error(`PostgreSQL ended: ${said}`)));
		});
	}

	/** As a crash would: what was committed is there again after `run`. */
	async kill(): Promise<void> {
		const { child } = this;
		this.child = null;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const ended = once(child, "exit");
		// SIGQUIT: at once and without tidying up; after SIGKILL its children would keep the port
		child.kill("SIGQUIT");
		await ended;
	}

	async close(): Promise<void> {
		await this.kill();
		rmSync(this.folder, { recursive: true, force: true });
	}
}
