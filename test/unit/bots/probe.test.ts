import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { ServerProbe } from "../../../bots/server/server-probe.ts";

const TOKEN = "a-token-of-a-test";

function metrics(startedAt: number, cpu: number, dropped: number): string {
	return [
		`process_start_time_seconds ${startedAt}`,
		`process_cpu_seconds_total ${cpu}`,
		`hotstep_ticks_dropped_total{game="a",version="1"} ${dropped}`,
		`hotstep_ticks_dropped_total{game="a",version="2"} 1`,
		`hotstep_tick_lateness_seconds_bucket{game="a",le="0.001"} ${cpu * 100}`,
		`hotstep_tick_lateness_seconds_bucket{game="a",le="+Inf"} ${cpu * 100}`,
		"",
	].join("\n");
}

describe("the probe of a server", () => {
	let server: Server | null = null;
	afterEach(() => {
		server?.closeAllConnections();
		server?.close();
	});

	async function listen(answer: RequestListener): Promise<string> {
		server = createServer((request, response) => {
			if (request.url === "/rooms") response.end("[]");
			else answer(request, response);
		});
		await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
		return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
	}

	it("shows the admin token, and says that it needs one", async () => {
		let cpu = 0;
		const url = await listen(({ headers }, response) => {
			cpu++;
			if (headers.authorization === `Bearer ${TOKEN}`) response.end(metrics(1, cpu, 0));
			else response.writeHead(403).end('{"error":"ERR_METRICS_REMOTE"}');
		});
		const trusted = new ServerProbe(url, TOKEN);
		await trusted.open();
		expect(await trusted.close()).toMatchObject({ cpu: expect.any(Number), missing: null });
		const stranger = new ServerProbe(url, null);
		await stranger.open();
		expect(await stranger.close()).toMatchObject({
			cpu: null,
			missing: expect.stringContaining("--admin-token"),
		});
	});

	it("asks again when the server was too busy for its first answer", async () => {
		let asked = 0;
		const url = await listen((_, response) => {
			asked++;
			if (asked > 1) response.end(metrics(1, asked, 0));
		});
		const probe = new ServerProbe(url, null);
		expect(await probe.point()).toBeNull();
		await probe.open();
		await sleep(10);
		const { cpu } = await probe.close();
		expect(cpu).toBeGreaterThan(0);
	});

	it("does not take a server that was started again for one that used less than nothing", async () => {
		let started = 1;
		const url = await listen((_, response) => response.end(metrics(started, 100 / started, 3)));
		const probe = new ServerProbe(url, null);
		await probe.point();
		await probe.open();
		started = 2;
		expect(await probe.point()).toBeNull();
		expect(await probe.close()).toMatchObject({
			cpu: null,
			tickLatenessP99Ms: null,
			missing: "the server began anew in the middle",
		});
	});

	it("counts dropped ticks of rooms that have closed since", async () => {
		let dropped = 3;
		const url = await listen((_, response) => response.end(metrics(1, dropped, dropped)));
		const probe = new ServerProbe(url, null);
		await probe.open();
		dropped = 8;
		expect(await probe.close()).toMatchObject({ droppedTicks: 5, rooms: 0 });
	});
});
