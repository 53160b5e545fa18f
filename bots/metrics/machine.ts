import { cpus, release, totalmem } from "node:os";
import { VERSION } from "../../server/installation.ts";

/** What metrics depend on besides what was measured. */
export interface Machine {
	/** Version of this tool. */
	readonly hotstep: string;
	readonly node: string;
	/** "linux 6.1.0 x64" */
	readonly system: string;
	readonly processor: string;
	readonly cores: number;
	readonly memoryBytes: number;
}

export function thisMachine(): Machine {
	const all = cpus();
	return {
		hotstep: VERSION,
		node: process.versions.node,
		system: `${process.platform} ${release()} ${process.arch}`,
		processor: all[0]?.model.trim() ?? "unknown",
		cores: all.length,
		memoryBytes: totalmem(),
	};
}
