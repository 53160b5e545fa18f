import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ControlPlace } from "./http/control-client.ts";

/** Workers' private addresses: sockets in a folder of this user alone, or pipes where there are none. */
export class ControlPlaces {
	private readonly secret = randomBytes(32).toString("hex");
	/** Null on Windows. */
	private readonly folder =
		process.platform === "win32" ? null : mkdtempSync(path.join(tmpdir(), "hotstep-"));
	private readonly pipe = `\\\\.\\pipe\\hotstep-${randomBytes(16).toString("hex")}`;

	of(worker: number): ControlPlace {
		const { folder, pipe, secret } = this;
		const socketPath = folder ? path.join(folder, `${worker}.sock`) : `${pipe}-${worker}`;
		return { socketPath, secret };
	}

	remove(): void {
		if (this.folder) rmSync(this.folder, { recursive: true, force: true });
	}
}
