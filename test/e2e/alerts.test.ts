import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../support/live-server.ts";
import { loadFixture } from "../support/load-fixture.ts";

const RULES = new URL("../../docs/monitoring/alerts.yml", import.meta.url);

function hasPrometheus(): boolean {
	try {
		execFileSync("prometheus", ["--version"], { stdio: "ignore" });
		execFileSync("promtool", ["--version"], { stdio: "ignore" });
		return true;
	} catch {
		return false;
	}
}

const isHere = hasPrometheus();
if (!isHere) {
	const what = "alerts: no Prometheus here (apt-get install prometheus)";
	if (process.env.HOTSTEP_PROMETHEUS === "required") throw new Error(what);
	process.stderr.write(`${what}: skipped\n`);
}

/** What must happen for an alert: a sample, by the beginning of its line, and its value after so many seconds. */
type Course = readonly [sample: string, value: (seconds: number) => number];

/** The first of its kind, and no more. */
const first = (): number => 1;
const TROUBLE: Readonly<Record<string, readonly Course[]>> = {
	HotstepRoomFailed: [["hotstep_rooms_failed_total", first]],
	HotstepTicksFail: [['hotstep_server_faults_total{kind="trap",outcome="retried"}', first]],
	HotstepRolledBack: [["hotstep_server_rollbacks_total", first]],
	HotstepJournalStopped: [["hotstep_journals_stopped_total", first]],
	HotstepResultsWait: [["hotstep_results_oldest_seconds", () => 400]],
	HotstepResultsLost: [["hotstep_results_lost_total", first]],
	HotstepRoomsUnprotected: [["hotstep_log_held", () => 0]],
	HotstepDeployRefused: [['hotstep_deployments_total{outcome="refused"}', first]],
	HotstepTicksLate: [["hotstep_tick_lateness_seconds_bucket{", (s) => 1e6 + 100 * s]],
	HotstepTimeDropped: [["hotstep_dropped_time_seconds_total", (s) => s]],
	HotstepFuelNearlySpent: [["hotstep_tick_fuel_ratio_bucket{", (s) => 1e6 + 100 * s]],
	HotstepClientsLag: [
		["hotstep_clients{", () => 10],
		["hotstep_clients_lagging{", () => 3],
	],
	HotstepRoomPaused: [["hotstep_rooms_paused", first]],
	HotstepConnectionsDropped: [['hotstep_drops_total{reason="ERR_RATE_LIMITED"}', (s) => 20 * s]],
	HotstepLoopBlocked: [["nodejs_eventloop_lag_seconds_count", (s) => 1e6 + 100 * s]],
	HotstepFileDescriptors: [
		["process_open_fds", () => 90],
		["process_max_fds", () => 100],
	],
};

/** Histograms in trouble: only the open bucket and the count grow. */
const isOpenBucket = (line: string): boolean => !/le="/.test(line) || line.includes('le="+Inf"');

function withTrouble(page: string, seconds: number): string {
	const courses = Object.values(TROUBLE).flat();
	return page
		.split("\n")
		.map((line) => {
			const course = courses.find(([sample]) => line.startsWith(sample));
			if (!course || !isOpenBucket(line)) return line;
			return `${line.slice(0, line.lastIndexOf(" "))} ${course[1](seconds)}`;
		})
		.join("\n");
}

/** The alerts with seconds for minutes. */
function shortened(): string {
	return readFileSync(RULES, "utf8")
		.replace(/\[\d+m\]/g, "[6s]")
		.replace(/for: \d+m/g, "for: 1s");
}

async function serve(page: () => string): Promise<Server> {
	const server = createServer((_, response) => {
		response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
		response.end(page());
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	return server;
}

const addressOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

interface Alert {
	readonly state: string;
	readonly labels: Readonly<Record<string, string>>;
}

describe.skipIf(!isHere)("the alerts, in a real Prometheus", () => {
	const folder = mkdtempSync(path.join(tmpdir(), "hotstep-alerts-"));
	const servers: Server[] = [];
	let prometheus: ChildProcess | null = null;
	let url = "";
	let calm = "";
	/** When trouble began; before, the sick server is as well as the other. */
	let troubleMs = Number.POSITIVE_INFINITY;

	beforeAll(async () => {
		const recovery = { folder: path.join(folder, "rooms") };
		const live = await listen({
			...{ games: [await loadFixture("dots")], recovery },
			webhook: { url: "http://127.0.0.1:9/", secret: "a secret of tests" },
		});
		const page = await (await fetch(`${live.url}/metrics`)).text();
		await live.server.close();
		const sick = (): string =>
			Date.now() < troubleMs ? page : withTrouble(page, (Date.now() - troubleMs) / 1000);
		servers.push(await serve(() => page), await serve(sick), await serve(() => ""));
		const [well, ill, gone] = servers.map(addressOf);
		calm = well as string;
		// a port that is free now, for the server that does not answer and for Prometheus itself
		const targets = JSON.stringify([well, ill, "127.0.0.1:1"]);
		writeFileSync(path.join(folder, "alerts.yml"), shortened());
		writeFileSync(
			path.join(folder, "prometheus.yml"),
			`global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms }
rule_files: [alerts.yml]
scrape_configs:
  - job_name: hotstep
    static_configs: [{ targets: ${targets} }]
`,
		);
		servers.pop()?.close();
		url = `http://${gone}`;
		prometheus = spawn(
			"prometheus",
			[
				`--config.file=${path.join(folder, "prometheus.yml")}`,
				`--storage.tsdb.path=${path.join(folder, "data")}`,
				`--web.listen-address=${gone}`,
			],
			{ stdio: "ignore" },
		);
	});

	afterAll(async () => {
		if (prometheus && prometheus.exitCode === null) {
			prometheus.kill("SIGKILL");
			await once(prometheus, "exit");
		}
		for (const server of servers) server.close();
		rmSync(folder, { recursive: true, force: true });
	});

	async function alerts(): Promise<Alert[]> {
		const response = await fetch(`${url}/api/v1/alerts`).catch(() => null);
		if (!response?.ok) return [];
		return ((await response.json()) as { data: { alerts: Alert[] } }).data.alerts;
	}

	it("are rules that Prometheus takes", () => {
		execFileSync("promtool", ["check", "rules", RULES.pathname], { stdio: "pipe" });
	});

	it("each fire, at the first event too, and keep quiet about a server that is well", async () => {
		const names = [...readFileSync(RULES, "utf8").matchAll(/- alert: (\w+)/g)].map(([, n]) => n);
		expect([...Object.keys(TROUBLE), "HotstepDown"].sort()).toEqual([...names].sort());
		const fired = new Set<string>();
		const seen: Alert[] = [];
		const giveUpMs = Date.now() + 80_000;
		while (fired.size < names.length && Date.now() < giveUpMs) {
			for (const alert of await alerts()) {
				if (alert.labels.instance === calm) seen.push(alert);
				if (alert.state === "firing") fired.add(alert.labels.alertname ?? "");
			}
			// Prometheus has read the zeros once it complains of the server that does not answer
			if (fired.has("HotstepDown")) troubleMs = Math.min(troubleMs, Date.now());
			await new Promise((resolve) => setTimeout(resolve, 200));
		}
		expect([...fired].sort()).toEqual([...names].sort());
		expect(seen).toEqual([]);
	}, 120_000);
});
