import type { Histogram } from "./histogram.ts";

export type Labels = Readonly<Record<string, string>>;

export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

function escapeLabel(text: string): string {
	return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function showLabels(labels: Labels): string {
	const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
	return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function showNumber(value: number): string {
	if (Number.isFinite(value)) return String(value);
	return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

/** Writes Prometheus' text format, version 0.0.4: each family once, its samples right behind it. */
export class Exposition {
	private readonly lines: string[] = [];

	/** Begins a family; `help` is one line. */
	family(name: string, type: "counter" | "gauge" | "histogram", help: string): void {
		this.lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
	}

	sample(name: string, labels: Labels, value: number): void {
		this.lines.push(`${name}${showLabels(labels)} ${showNumber(value)}`);
	}

	/** A family of one sample without labels. */
	single(name: string, type: "counter" | "gauge", help: string, value: number): void {
		this.family(name, type, help);
		this.sample(name, {}, value);
	}

	histogram(name: string, labels: Labels, { bounds, counts, sum }: Histogram): void {
		let below = 0;
		for (let i = 0; i < counts.length; i++) {
			below += counts[i];
			const le = i < bounds.length ? String(bounds[i]) : "+Inf";
			this.sample(`${name}_bucket`, { ...labels, le }, below);
		}
		this.sample(`${name}_sum`, labels, sum);
		this.sample(`${name}_count`, labels, below);
	}

	get text(): string {
		return `${this.lines.join("\n")}\n`;
	}
}
