import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { WORKER_LIMITS } from "../worker-limits.ts";

/** What a worker answered. */
export interface ControlAnswer {
	readonly status: number;
	readonly body: Buffer;
}

export interface ControlRequest {
	readonly method: string;
	readonly path: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: Buffer;
}

/** Where a worker answers HTTP, which nobody but its supervisor reaches, and what lets the supervisor in. */
export interface ControlPlace {
	readonly socketPath: string;
	readonly secret: string;
}

/** Asks workers over HTTP: the same questions that a server of one process answers to the world. */
export class ControlClient {
	private readonly agent = new Agent({ keepAlive: true, maxSockets: WORKER_LIMITS.controlSockets });

	/** The whole answer; rejects when the worker is gone or says too much. */
	async ask(place: ControlPlace, request: ControlRequest): Promise<ControlAnswer> {
		const answer = await this.open(place, request);
		const parts: Buffer[] = [];
		let bytes = 0;
		for await (const part of answer as AsyncIterable<Buffer>) {
			bytes += part.length;
			if (bytes > WORKER_LIMITS.answerBytes) {
				answer.destroy();
				throw new Error(`an answer of more than ${WORKER_LIMITS.answerBytes} bytes`);
			}
			parts.push(part);
		}
		return { status: answer.statusCode ?? 502, body: Buffer.concat(parts) };
	}

	/** The answer as it comes. */
	open(
		{ socketPath, secret }: ControlPlace,
		{ method, path, headers = {}, body }: ControlRequest,
	): Promise<IncomingMessage> {
		return new Promise((resolve, reject) => {
			const request = httpRequest({
				agent: this.agent,
				socketPath,
				method,
				path,
				headers: {
					...headers,
					authorization: `Bearer ${secret}`,
					...(body ? { "content-length": body.length } : {}),
				},
				timeout: WORKER_LIMITS.answerMs,
			});
			request.once("response", resolve);
			request.once("error", reject);
			request.once("timeout", () => request.destroy(new Error("a worker does not answer")));
			request.end(body);
		});
	}

	close(): void {
		this.agent.destroy();
	}
}
