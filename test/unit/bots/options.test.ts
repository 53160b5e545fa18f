import { describe, expect, it } from "vitest";
import { BOTS_HELP } from "../../../bots/flags.ts";
import { METRICS } from "../../../bots/metrics/thresholds.ts";
import { readBotsOptions } from "../../../bots/options.ts";
import { readDocument } from "../../conformance/document.ts";

const token = ["--admin-token", "12345678"];

describe("the arguments of hotstep bots", () => {
	it.each([
		[["--count", "0"], "--clients"],
		[["--clients", "2.5"], "--clients"],
		[["--seconds", "soon"], "--duration"],
		[["--duration", "10 s"], "--duration"],
		[["--url", "http://127.0.0.1"], "--url"],
		[["--game", "../arena"], "--game"],
		[["--workers", "3", "--count", "2"], "--workers"],
		[["--bogus"], "--bogus"],
		[["-x"], "-x"],
		[["arena"], "arena"],
		[["--clients", "3", "--vus", "4"], "--vus"],
		[["--rooms", "3"], "--admin-token"],
		[["--rooms", "3", "--room", "abc", ...token], "--room"],
		[["--ramp-up", "3s", "--rate", "10"], "--rate"],
		[["--churn", "3", "--session", "10s"], "--session"],
		[["--storm", "150%"], "--storm"],
		[["--storm-every", "3s"], "--storm"],
		[["--slow-readers", "10%", "--slow-for", "5s", "--slow-every", "4s"], "--slow-every"],
		[["--latency", "100-20ms"], "--latency"],
		[["--jitter", "-5"], "--jitter"],
		[["--decode", "some"], "--decode"],
		[["--send-rate", "0"], "--send-rate"],
		[["--fail-on", "snapshotGapMs.p98>75"], "snapshotGapMs.p98"],
		[["--fail-on", "snapshotGapMs.p99=75"], "--fail-on"],
		[["--max-clients", "10"], "--find-capacity"],
		[["--find-capacity", "--clients", "10"], "--clients"],
	])("refuses %j", (args, culprit) => {
		const named = { name: "ERR_CONFIG", message: expect.stringContaining(culprit) };
		expect(() => readBotsOptions(args)).toThrow(expect.objectContaining(named));
	});

	it("knows the names that other tools use", () => {
		const ours = readBotsOptions([
			"--url",
			"ws://127.0.0.1:1",
			"--clients",
			"7",
			"--duration",
			"3s",
		]);
		for (const args of [
			["--endpoint", "ws://127.0.0.1:1", "--numClients", "7", "--seconds", "3"],
			["--url=ws://127.0.0.1:1", "--count=7", "-d", "3000ms"],
			["--url", "ws://127.0.0.1:1", "-u", "7", "-d", "3s"],
		]) {
			expect(readBotsOptions(args)).toEqual({ ...ours, seed: expect.any(Number) });
		}
	});

	it("makes joins of a ramp, leaves of sessions, and bots of rooms", () => {
		const args = [
			"--rooms",
			"30",
			"--clients",
			"10",
			"--ramp-up",
			"1m",
			"--session",
			"100s",
			...token,
		];
		expect(readBotsOptions(args)).toMatchObject({
			clients: 300,
			rooms: 30,
			perRoom: 10,
			joinsPerSecond: 5,
			churnPerSecond: 3,
			adminToken: "12345678",
		});
		const storm = readBotsOptions(["--storm", "20%", "--latency", "20-120ms", "--jitter", "5"]);
		expect(storm.storm).toEqual({ share: 0.2, everyMs: 10_000 });
		expect(storm.link).toEqual({ delayMs: [20, 120], jitterMs: 5 });
	});

	it("searches for a capacity in rooms of the size that is asked for", () => {
		const rooms = ["--find-capacity", "--rooms", "50", "--clients", "4", ...token];
		expect(readBotsOptions(rooms)).toMatchObject({
			perRoom: 4,
			findCapacity: { most: 200, start: 32 },
		});
		expect(readBotsOptions([...rooms, "--max-clients", "900"]).findCapacity?.most).toBe(900);
		expect(readBotsOptions(["--find-capacity"]).findCapacity?.most).toBe(10_000);
	});

	it("takes the token from the environment too", () => {
		const options = readBotsOptions(["--rooms", "2"], { HOTSTEP_ADMIN_TOKEN: "fromtheenv" });
		expect(options).toMatchObject({ adminToken: "fromtheenv", clients: 20 });
	});

	it("tells of every flag in its help, and of every metric in the documents", () => {
		const document = readDocument("docs/load-testing.md");
		for (const name of METRICS.keys()) {
			const [metric = ""] = /^\w+(?=\.(?:p\d+|max|count)$)/.exec(name) ?? [name];
			expect(document, name).toContain(`\`${metric}\``);
		}
		const flags = [..."url game room rooms clients duration warm-up ramp-up rate delay".split(" ")];
		flags.push(..."send-rate churn session storm storm-every slow-readers slow-for".split(" "));
		flags.push(..."slow-every latency jitter decode behaviour admin-token workers".split(" "));
		flags.push(..."seed json html fail-on find-capacity max-clients start-clients".split(" "));
		for (const flag of flags) expect(BOTS_HELP).toMatch(new RegExp(`--${flag} `));
	});
});
