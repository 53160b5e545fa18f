import type { IncomingMessage } from "node:http";
import { LIMITS } from "../../../protocol/limits.ts";
import type { SwapRefusal } from "../../swap/compare-schemas.ts";
import type { Deployment, SwapPolicy } from "../../swap/deployments.ts";
import type { AdminOptions } from "./admin.ts";

const POLICIES: readonly string[] = ["try", "pin", "canary", "live"];
const MAX_MAP_BYTES = 8 * 1024 * 1024;

async function readBody(request: IncomingMessage, most: number): Promise<Buffer | null> {
	const parts: Buffer[] = [];
	let bytes = 0;
	for await (const part of request as AsyncIterable<Buffer>) {
		bytes += part.length;
		if (bytes > most) return null;
		parts.push(part);
	}
	return Buffer.concat(parts);
}

/** `POST …/swap?policy=&canaries=`: the wasm, then the source map that `x-hotstep-map-bytes` counts. */
export async function swap(
	request: IncomingMessage,
	options: AdminOptions,
	game: string,
	query: URLSearchParams,
): Promise<Deployment | SwapRefusal> {
	const policy = query.get("policy") ?? "pin";
	const canaries = Number(query.get("canaries") ?? 1);
	if (!POLICIES.includes(policy)) return { error: "ERR_SWAP_POLICY", detail: `"${policy}"` };
	if (!Number.isInteger(canaries) || canaries < 1) {
		return { error: "ERR_SWAP_POLICY", detail: `${query.get("canaries")} canaries` };
	}
	const body = await readBody(request, LIMITS.moduleBytes + MAX_MAP_BYTES);
	const mapBytes = Number(request.headers["x-hotstep-map-bytes"] ?? 0);
	if (!body || !Number.isInteger(mapBytes) || mapBytes < 0 || mapBytes > body.length) {
		return {
			error: "ERR_SWAP_BODY",
			detail: "the body is a module, or a module and its source map",
		};
	}
	const wasmBytes = body.length - mapBytes;
	const candidate = {
		bytes: new Uint8Array(body.subarray(0, wasmBytes)),
		origin: "the uploaded module",
		sourceMap: mapBytes > 0 ? body.toString("utf8", wasmBytes) : null,
	};
	return options.deployments.deploy(game, candidate, policy as SwapPolicy, canaries);
}
