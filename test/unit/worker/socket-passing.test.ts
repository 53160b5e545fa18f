import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { SeededRandom } from "../../../protocol/seeded-random.ts";
import { testSocketPassing } from "../../../server/worker/socket-passing/self-test.ts";
import { EchoClient } from "../../support/worker/echo-client.ts";
import { EchoStage } from "../../support/worker/echo-stage.ts";

let stage: EchoStage;
const clients: EchoClient[] = [];

async function open(workers: number, count: number, random: SeededRandom): Promise<void> {
	stage = new EchoStage();
	const port = await stage.start(workers);
	while (clients.length < count) clients.push(await EchoClient.open(port, random));
}

afterEach(() => {
	for (const { socket } of clients.splice(0)) socket.destroy();
	stage?.stop();
});

/** Waits until everybody has got what must come, or nothing comes any more. */
async function settle(): Promise<void> {
	for (let idle = 0, last = -1; idle < 40; ) {
		const missing = clients.reduce((sum, { expected, received }) => sum + expected - received, 0);
		if (missing === 0) return;
		idle = missing === last ? idle + 1 : 0;
		last = missing;
		await sleep(50);
	}
}

function sums() {
	const sum = (read: (client: EchoClient) => number) => clients.reduce((n, c) => n + read(c), 0);
	return {
		missing: sum(({ expected, received }) => expected - received),
		wrong: sum(({ wrong }) => wrong),
		closed: sum(({ isClosed }) => Number(isClosed)),
	};
}

describe("passing sockets between processes", () => {
	it("finds out what the platform can do", async () => {
		expect(await testSocketPassing()).toEqual({ canPass: true, canMove: true, detail: "" });
	});

	it("loses and doubles no byte when 300 sockets in use move again and again", async () => {
		const seed = (Math.random() * 2 ** 32) >>> 0;
		const random = new SeededRandom(seed);
		await open(2, 300, random);
		// these read nothing, so that the system takes no more for them while they move
		const slow = clients.slice(0, 2);
		for (const client of slow) {
			client.socket.pause();
			for (const piece of client.say(4_000, 7)) client.socket.write(piece);
		}
		const all = [...stage.owners.keys()];
		const talk = async (client: EchoClient): Promise<void> => {
			while (stage.moved < 4 * all.length && !client.isClosed) {
				for (const piece of client.say(1 + random.below(600))) {
					client.socket.write(piece);
					await sleep(random.between(0, 40));
				}
			}
		};
		let isTalking = true;
		const talking = Promise.all(clients.filter((client) => !slow.includes(client)).map(talk));
		void talking.then(() => {
			isTalking = false;
		});
		while (isTalking) {
			stage.move(all);
			await sleep(20);
		}
		for (const client of slow) client.socket.resume();
		await settle();
		const { refused, withUnread, withUnsent } = stage;
		expect({ seed, refused, ...sums() }).toEqual({
			seed,
			refused: 0,
			missing: 0,
			wrong: 0,
			closed: 0,
		});
		expect(withUnread).toBeGreaterThan(0);
		expect(withUnsent).toBeGreaterThan(3);
	});

	it("keeps 50 sockets open through a kill -9 of their worker", async () => {
		const random = new SeededRandom(7);
		await open(2, 50, random);
		const say = (): void => {
			for (const client of clients) client.socket.write(Buffer.concat(client.say(40)));
		};
		say();
		await settle();
		const [worker] = stage.workers;
		const exited = worker && once(worker, "exit");
		worker?.kill("SIGKILL");
		await exited;
		// said to nobody: the system holds it for the next worker
		say();
		const none = { unread: Buffer.alloc(0), unsent: Buffer.alloc(0) };
		for (const socket of [...stage.owners.keys()]) {
			stage.send(1, { adopt: socket, carried: none }, socket);
		}
		say();
		await settle();
		expect(sums()).toEqual({ missing: 0, wrong: 0, closed: 0 });
		expect(stage.kept.size).toBe(50);
	});

	it("ends a connection whose worker is done with it, and not before", async () => {
		await open(1, 1, new SeededRandom(1));
		const [client] = clients;
		const [socket = 0] = stage.owners.keys();
		const ended = client && once(client.socket, "end");
		stage.workers[0]?.send({ destroy: socket });
		await ended;
		expect(stage.kept.has(socket)).toBe(false);
	});

	it("does not move a socket whose client has ended its half", async () => {
		await open(2, 1, new SeededRandom(1));
		clients[0]?.socket.end();
		await once(clients[0]?.socket ?? process, "close");
		stage.move([...stage.owners.keys()]);
		await sleep(50);
		expect(stage.moved).toBe(0);
	});
});
