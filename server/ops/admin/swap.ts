import type { IncomingMessage } from "node:http";
import { LIMITS } from "../../../protocol/limits.ts";
import type { Refusal } from "../../../protocol/refusal.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import { type Deployment, type DeployOptions, SWAP_POLICIES } from "../../swap/deployment.ts";
import { whoAsks } from "../audit/audited.ts";
import { readBody } from "../read-body.ts";
import type { AdminOptions } from "./admin.ts";

/** The options of a deployment in a query, or what is wrong with them. */
function readOptions(request: IncomingMessage, query: URLSearchParams): DeployOptions | Refusal {
	const canaries = Number(query.get("canaries") ?? 1);
	if (!Number.isInteger(canaries) || canaries < 1) {
		return { error: "ERR_SWAP_POLICY", detail: `${query.get("canaries")} canaries` };
	}
	const skip = query.getAll("skip");
	return { canaries, skip, allOrNone: query.has("all-or-none"), by: whoAsks(request, query) };
}

/** `POST …/promote`: the canary's rules for every room. */
export async function promote(
	request: IncomingMessage,
	{ deployments }: AdminOptions,
	game: string,
	query: URLSearchParams,
): Promise<Deployment | Refusal> {
	const options = readOptions(request, query);
	return "error" in options ? options : deployments.promote(game, options);
}

/** `POST …/swap?policy=&canaries=`: the wasm, then the source map that `x-hotstep-map-bytes` counts. */
export async function swap(
	request: IncomingMessage,
	{ deployments }: AdminOptions,
	game: string,
	query: URLSearchParams,
): Promise<Deployment | Refusal> {
	const policy = SWAP_POLICIES.find((name) => name === (query.get("policy") ?? "pin"));
	if (!policy) {
		const detail = `"${query.get("policy")}" is none of ${SWAP_POLICIES.join(", ")}`;
		return { error: "ERR_SWAP_POLICY", detail };
	}
	const options = readOptions(request, query);
	if ("error" in options) return options;
	const body = await readBody(request, LIMITS.moduleBytes + SERVER_LIMITS.mapBytes);
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
		sourceMap: mapBytes > 0 ? new Uint8Array(body.subarray(wasmBytes)) : null,
	};
	return deployments.deploy(game, candidate, policy, options);
}
