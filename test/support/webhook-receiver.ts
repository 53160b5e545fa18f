import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What a delivery says. */
export interface Delivery {
	readonly key: string;
	readonly body: { key: string; room: string; tick: number; name: string; fields: object };
}

/** A receiver of webhooks that believes only what is signed, written as `docs/hooks.md` tells others to write one. */
export class WebhookReceiver {
	/** Every delivery, in the order in which they came, doubled ones too. */
	readonly deliveries: Delivery[] = [];
	readonly refused: string[] = [];
	/** What to answer; null: hang up. */
	answer: () => number | null = () => 200;
	private readonly server: Server;
	private readonly secret: string;
	private waiting: (() => void)[] = [];

	private constructor(server: Server, secret: string) {
		this.server = server;
		this.secret = secret;
	}

	static async start(secret: string): Promise<WebhookReceiver> {
		const server = createServer();
		const receiver = new WebhookReceiver(server, secret);
		server.on("request", async (request, response) => {
			const parts: Buffer[] = [];
			for await (const part of request) parts.push(part as Buffer);
			const body = Buffer.concat(parts).toString();
			receiver.take(String(request.headers["hotstep-signature"]), body);
			const status = receiver.answer();
			if (status === null) request.socket.destroy();
			else response.writeHead(status).end();
			for (const wake of receiver.waiting.splice(0)) wake();
		});
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		return receiver;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/results`;
	}

	/** Resolves when so many deliveries have come. */
	async has(count: number): Promise<void> {
		while (this.deliveries.length < count) {
			await new Promise<void>((resolve) => this.waiting.push(resolve));
		}
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		this.server.close();
		await once(this.server, "close");
	}

	private take(signature: string, body: string): void {
		const [, seconds = "", mac = ""] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
		const wanted = createHmac("sha256", this.secret).update(`${seconds}.${body}`).digest();
		const isSigned = mac !== "" && timingSafeEqual(Buffer.from(mac, "hex"), wanted);
		const isFresh = Math.abs(Date.now() / 1000 - Number(seconds)) < 300;
		if (!isSigned || !isFresh) {
			this.refused.push(body);
			return;
		}
		const parsed = JSON.parse(body) as Delivery["body"];
		this.deliveries.push({ key: parsed.key, body: parsed });
	}
}
