interface Family {
	/** Its HELP and TYPE. */
	readonly head: string[];
	readonly samples: string[];
}

/** A sample with one more label, the first. */
function labelled(sample: string, worker: string): string {
	const at = sample.search(/[{ ]/);
	const label = `worker="${worker}"`;
	if (sample[at] === "{") return `${sample.slice(0, at)}{${label},${sample.slice(at + 1)}`;
	return `${sample.slice(0, at)}{${label}}${sample.slice(at)}`;
}

/**
 * The metrics of several processes as those of one server: each family once, each sample with the label `worker`.
 * The texts are in Prometheus' format as `ops/metrics/exposition.ts` writes it.
 */
export function mergeMetrics(texts: ReadonlyMap<string, string>): string {
	const families = new Map<string, Family>();
	for (const [worker, text] of texts) {
		let family: Family | null = null;
		let isNew = false;
		for (const line of text.split("\n")) {
			if (line === "") continue;
			const name = /^# HELP (\S+) /.exec(line)?.[1];
			if (name !== undefined) {
				isNew = !families.has(name);
				family = families.get(name) ?? { head: [], samples: [] };
				families.set(name, family);
			}
			if (!line.startsWith("#")) family?.samples.push(labelled(line, worker));
			else if (isNew) family?.head.push(line);
		}
	}
	const lines = [...families.values()].flatMap(({ head, samples }) => [...head, ...samples]);
	return `${lines.join("\n")}\n`;
}
