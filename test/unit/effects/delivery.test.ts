import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Spool } from "../../../server/effects/spool.ts";
import { toWebhook } from "../../../server/effects/webhook.ts";
import { silentLog } from "../../../server/log.ts";
import type { Effect } from "../../../server/room/effect.ts";
import { WebhookReceiver } from "../../support/webhook-receiver.ts";

const SECRET = "a secret of these tests";
let receiver: WebhookReceiver;
let folder: string;
beforeEach(async () => {
	receiver = await WebhookReceiver.start(SECRET);
	folder = await mkdtemp(path.join(tmpdir(), "hotstep-spool-"));
});
afterEach(() => receiver.stop());

const result = (tick: number, room = "room"): Effect => ({
	...{ kind: "result", room, game: "duel", version: 1, epoch: 1, tick, n: 0, name: "match" },
	...{ player: null, fields: { winner: 1 } },
});

function openSpool(me: string, secret = SECRET): Spool {
	const deliver = toWebhook({ url: receiver.url, secret });
	return new Spool({ target: "webhook", deliver, folder, me, log: silentLog, chance: () => 0 });
}

const keys = (): string[] => receiver.deliveries.map(({ key }) => key);

describe("results by webhook", () => {
	it("arrive once, signed, in their room's order", async () => {
		const spool = openSpool("a");
		for (let i = 0; i < 5; i++) spool.add(result(i));
		await receiver.has(5);
		expect(keys()).toEqual([0, 1, 2, 3, 4].map((tick) => `room:1:${tick}:0`));
		expect(receiver.refused).toEqual([]);
		expect(receiver.deliveries[0]?.body).toMatchObject({ ...result(0), key: "room:1:0:0" });
		await spool.finish(5_000);
		expect(spool.figures).toMatchObject({ waiting: 0, delivered: 5, failures: 0 });
		// nothing waits: no file is left
		expect(readdirSync(folder)).toEqual([]);
	});

	it("come again after a failure, a lost answer and a redirect, with the same key", async () => {
		const answers = [500, null, 302, 200] as const;
		let asked = 0;
		receiver.answer = () => answers[asked++] as number | null;
		const spool = openSpool("a");
		spool.add(result(1));
		await receiver.has(4);
		await spool.finish(5_000);
		expect(new Set(keys())).toEqual(new Set(["room:1:1:0"]));
		expect(spool.figures).toMatchObject({ delivered: 1, failures: 3 });
	});

	it("are believed by nobody when another secret signed them", async () => {
		const spool = openSpool("a", "another secret, as long");
		receiver.answer = () => (receiver.refused.length > 0 ? 401 : 200);
		spool.add(result(1));
		while (receiver.refused.length === 0) await new Promise((resolve) => setImmediate(resolve));
		await spool.finish(5_000);
		expect(receiver.deliveries).toEqual([]);
	});

	it("are taken over from whoever is gone, by one of several, with what only the log had", async () => {
		receiver.answer = () => 503;
		const dead = openSpool("dead");
		dead.add(result(1));
		dead.add(result(2));
		await receiver.has(1);
		await dead.finish(5_000);
		// a crash in the middle of a line
		const [file = ""] = readdirSync(folder);
		appendFileSync(path.join(folder, file), '{"add":{"key":"ro');
		receiver.answer = () => 200;
		receiver.deliveries.length = 0;
		const logged = [2, 3].map((tick) => ({ series: "dead", result: result(tick) }));
		const heirs = [openSpool("b"), openSpool("c")];
		for (const heir of heirs) heir.adopt((series) => series === "dead", logged);
		await receiver.has(3);
		for (const heir of heirs) await heir.finish(5_000);
		expect(keys()).toEqual([1, 2, 3].map((tick) => `room:1:${tick}:0`));
		expect(heirs.map(({ figures }) => figures.delivered)).toEqual([3, 0]);
		expect(readdirSync(folder)).toEqual([]);
	});

	it("that somebody left in order are taken over by whoever looks next", async () => {
		receiver.answer = () => 503;
		const emptied = openSpool("emptied");
		emptied.add(result(1));
		await receiver.has(1);
		await emptied.finish(5_000);
		expect(readdirSync(folder)).toEqual(["webhook.emptied.free.spool"]);
		receiver.answer = () => 200;
		const other = openSpool("other");
		// nobody is known to be gone
		other.adopt(() => false, []);
		await receiver.has(2);
		await other.finish(5_000);
		expect(keys()).toEqual(["room:1:1:0", "room:1:1:0"]);
		expect(readdirSync(folder)).toEqual([]);
	});

	it("leave what is delivered alone when the log says it again", async () => {
		const first = openSpool("first");
		first.add(result(1));
		await receiver.has(1);
		receiver.answer = () => 503;
		first.add(result(2));
		await receiver.has(2);
		await first.finish(5_000);
		receiver.answer = () => 200;
		const next = openSpool("next");
		next.adopt(() => true, [{ series: "first", result: result(1) }]);
		await receiver.has(3);
		await next.finish(5_000);
		expect(keys()).toEqual(["room:1:1:0", "room:1:2:0", "room:1:2:0"]);
	});

	it("do not put the secret in any file", async () => {
		receiver.answer = () => 503;
		const spool = openSpool("a");
		spool.add(result(1));
		await spool.finish(5_000);
		const [file = ""] = readdirSync(folder);
		expect(readFileSync(path.join(folder, file), "utf8")).not.toContain(SECRET);
	});
});
