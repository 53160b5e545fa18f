export interface Bar {
	name: string;
	value: number;
}

/** Bars of one unit, drawn to one scale. */
export interface BarGroup {
	title: string;
	unit: string;
	bars: readonly Bar[];
}

const WIDTH = 710;
const LABELS = 220;
const FIGURES = 140;
const LINE = 20;
const TITLE = 28;
const OWN = "#2563eb";
const OTHER = "#9ca3af";

function escapeXml(text: string): string {
	return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}

function figure(value: number): string {
	return value >= 1_000 ? Math.round(value).toLocaleString("en") : String(value);
}

/** Horizontal bars as one SVG; ours, whose name begins with "hotstep", stand out. */
export function barChart(name: string, groups: readonly BarGroup[]): string {
	const parts: string[] = [];
	let y = 8;
	for (const { title, unit, bars } of groups) {
		const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
		parts.push(`<text x="8" y="${y + 14}" font-weight="600">${escapeXml(title)}</text>`);
		y += TITLE;
		for (const { name, value } of bars) {
			const width = Math.max(1, (value / most) * (WIDTH - LABELS - FIGURES));
			const fill = name.startsWith("hotstep") ? OWN : OTHER;
			parts.push(
				`<text x="${LABELS - 8}" y="${y + 11}" text-anchor="end">${escapeXml(name)}</text>`,
				`<rect x="${LABELS}" y="${y}" width="${width.toFixed(1)}" height="14" fill="${fill}"/>`,
				`<text x="${(LABELS + width + 6).toFixed(1)}" y="${y + 11}">${figure(value)} ${escapeXml(unit)}</text>`,
			);
			y += LINE;
		}
		y += 6;
	}
	const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="12" fill="#111827">`;
	return `${head}\n<title>${escapeXml(name)}</title>\n<rect width="100%" height="100%" fill="#ffffff"/>\n${parts.join("\n")}\n</svg>\n`;
}
