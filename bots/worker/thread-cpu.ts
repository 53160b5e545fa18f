interface CpuUsage {
	user: number;
	system: number;
}

/** Processor time of the present thread, where this Node can tell it (22.19 and newer). */
export class ThreadCpu {
	/** Seconds since the thread began; null when it cannot be told. */
	seconds(): number | null {
		const { threadCpuUsage } = process as { threadCpuUsage?: () => CpuUsage };
		if (threadCpuUsage === undefined) return null;
		const { user, system } = threadCpuUsage.call(process);
		return (user + system) / 1e6;
	}
}
