export interface Sample {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

export interface Family {
	readonly type: string;
	readonly help: string;
	readonly samples: Sample[];
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:\\.|[^"\\])*)"(?:,|$)/y;

function readLabels(text: string): Record<string, string> {
	const labels: Record<string, string> = {};
	LABEL.lastIndex = 0;
	while (LABEL.lastIndex < text.length) {
		const found = LABEL.exec(text);
		if (!found) throw new Error(`these are no labels: ${text}`);
		const [, name = "", value = ""] = found;
		if (name in labels) throw new Error(`the label ${name} stands twice: ${text}`);
		labels[name] = value.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));
	}
	return labels;
}

function readValue(text: string): number {
	if (text === "+Inf") return Number.POSITIVE_INFINITY;
	if (text === "-Inf") return Number.NEGATIVE_INFINITY;
	const value = Number(text);
	if (Number.isNaN(value) && text !== "NaN") throw new Error(`"${text}" is no number`);
	return value;
}

/** Reads Prometheus' text format 0.0.4, written from its documentation, and is strict about it. */
export function readExposition(text: string): Map<string, Family> {
	if (!text.endsWith("\n")) throw new Error("the last line does not end");
	const families = new Map<string, Family>();
	const seen = new Set<string>();
	let help: string | null = null;
	let current = "";
	for (const line of text.slice(0, -1).split("\n")) {
		const [, kind, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
		if (kind === "HELP") {
			help = rest;
			current = name;
		} else if (kind === "TYPE") {
			if (name !== current || help === null) throw new Error(`${name} has no help`);
			if (families.has(name)) throw new Error(`the family ${name} stands twice`);
			families.set(name, { type: rest, help, samples: [] });
		} else {
			const found = SAMPLE.exec(line);
			if (!found) throw new Error(`this is no sample: ${line}`);
			const [, sample = "", labels = "", value = ""] = found;
			const family = families.get(current);
			const suffix = sample.startsWith(current) ? sample.slice(current.length) : null;
			const fits =
				family?.type === "histogram"
					? ["_bucket", "_sum", "_count"].includes(suffix ?? "")
					: suffix === "";
			if (!family || !fits) throw new Error(`${sample} stands in the family ${current}`);
			const series = `${sample}{${labels}}`;
			if (seen.has(series)) throw new Error(`${series} stands twice`);
			seen.add(series);
			family.samples.push({
				name: sample,
				labels: readLabels(labels),
				value: readValue(value),
			});
		}
	}
	return families;
}

/** The one sample of a family with these labels; 0 when there is none. */
export function sampleOf(
	families: ReadonlyMap<string, Family>,
	name: string,
	labels: Readonly<Record<string, string>> = {},
): number {
	const found = families
		.get(name)
		?.samples.filter((sample) =>
			Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
		);
	if (!found || found.length > 1) throw new Error(`${name} has ${found?.length} such samples`);
	return found[0]?.value ?? 0;
}
