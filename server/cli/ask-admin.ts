import type { AdminProblem } from "../../protocol/admin-answers.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { ConfigError } from "../config-error.ts";

/** A running server, and what lets its operator in. */
interface AdminTarget {
	readonly url: string;
	readonly token: string;
}

/** The token of the flags or the environment. @throws ConfigError when neither has one */
export function readToken(given: string | undefined): string {
	const token = given ?? process.env.HOTSTEP_ADMIN_TOKEN;
	if (!token) throw new ConfigError("name the admin token: --token, or HOTSTEP_ADMIN_TOKEN");
	return token;
}

/** A server that does not answer: the flags name the wrong one. @throws ConfigError */
function notReached({ message, cause }: Error): never {
	throw new ConfigError(`${message}${cause ? ` (${cause})` : ""}`);
}

/** Asks for a path below `/admin/`. @throws ConfigError when nobody answers there */
export async function askAdmin<T>(
	{ url, token }: AdminTarget,
	path: string,
	{
		method = "GET",
		headers = {},
		body,
	}: { method?: string; headers?: object; body?: BodyInit } = {},
): Promise<T | AdminProblem> {
	const base = url.replace(/^ws/, "http").replace(/\/$/, "");
	const response = await fetch(`${base}/admin/${path}`, {
		method,
		headers: { authorization: `Bearer ${token}`, ...headers },
		...(body === undefined ? {} : { body }),
	}).catch(notReached);
	return (await response.json().catch(notReached)) as T | AdminProblem;
}

/** Advice for answers without a detail. */
const HINTS: Readonly<Record<string, string>> = {
	ERR_ADMIN_OFF: "the server was started without --admin-token",
	ERR_ADMIN_TOKEN: "the server has another admin token",
	ERR_ADMIN_REMOTE: "the server takes this from its own machine only, or with --admin-remote",
	ERR_NOT_FOUND: "there is no Hotstep server at --url, or it cannot do this",
};

/** What a server of any version would not do, as a command says it. */
export function refusalOf({ error, detail }: AdminProblem): Refusal {
	return { error: error as Refusal["error"], detail: detail ?? HINTS[error] ?? "" };
}
