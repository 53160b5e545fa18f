import type { HistoryLine } from "./history.ts";
import type { Result } from "./result.ts";

const BEGIN = "<!-- figures: npm run bench -- --only engines --write -->";
const END = "<!-- end of figures -->";

/** A figure of three digits: more is noise. */
function short(value: number): string {
	return Number(value.toPrecision(3)).toLocaleString("en");
}

/** Engines × games as a Markdown table. */
function tableOf({ peers, checks, notMeasured }: Result): string {
	const agreed = checks.map(({ name, value, met }) => {
		const [engine = "", game = ""] = name.split(" agrees on ");
		return { engine, game, text: `${value} ticks${met ? "" : ", then **not**"}` };
	});
	const games = [...new Set(agreed.map(({ game }) => game))];
	const value = (name: string): number | null =>
		peers.find((peer) => peer.name === name)?.value ?? null;
	const rows = games.flatMap((game) => {
		const v8 = value(`v8: ${game}`);
		return agreed
			.filter((one) => one.game === game)
			.map(({ engine, text }) => {
				const perSecond = value(`${engine}: ${game}`);
				const start = value(`${engine}: ${game}, start`);
				const memory = value(`${engine}: ${game}, memory`);
				const beside = perSecond !== null && v8 ? `${(perSecond / v8).toFixed(2)} ×` : "";
				const cells = [perSecond === null ? "" : short(perSecond), beside];
				const rest = [
					start === null ? "" : `${short(start)} ms`,
					memory === null ? "not known" : `${short(memory)} MiB`,
				];
				return `| ${[game, `\`${engine}\``, text, ...cells, ...rest].join(" | ")} |`;
			});
	});
	return [
		"| game | engine | same hash and fuel | ticks/s | beside V8 | start | memory |",
		"|---|---|---|---|---|---|---|",
		...rows,
		...notMeasured.map((what) => `\nNot measured: ${what.replace(/\s+/g, " ")}`),
	].join("\n");
}

/** docs/engines.md with the newest figures. @throws Error when the page has no place for them */
export function withEngineFigures(page: string, result: Result, run: HistoryLine): string {
	const from = page.indexOf(BEGIN);
	const to = page.indexOf(END);
	if (from < 0 || to < from) throw new Error("docs/engines.md has no place for figures");
	const { cpu, cores, node } = run.machine;
	const where = `Measured on ${cpu}, ${cores} cores, Node ${node}, ${run.time.slice(0, 10)}, commit ${run.commit}: the fastest of three runs (those of V8 lay up to ${Math.round(result.spread * 100)} % apart), up to 16 players who press at random. Ticks per second count \`hs_tick\` and its inbox, without hashes; start is from the module's bytes to the first state; memory is the most that the host's process had, its engine and the match file included. Compare ratios, not times: they hold for this machine only.`;
	return `${page.slice(0, from)}${BEGIN}\n${where}\n\n${tableOf(result)}\n${page.slice(to)}`;
}
