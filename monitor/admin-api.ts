import type { AdminProblem } from "../protocol/admin-answers.ts";

const KEY = "hotstep-admin-token";
const NAME = "hotstep-operator";

/** An answer that is none: the name is documented in docs/errors.md. */
export class AdminError extends Error {
	readonly status: number;
	constructor(status: number, problem: AdminProblem) {
		super(problem.detail ? `${problem.error}: ${problem.detail}` : problem.error);
		this.name = problem.error;
		this.status = status;
	}
}

/** Who says so, for the audit list. */
export function keepName(name: string): void {
	sessionStorage.setItem(NAME, name);
}

export function hasToken(): boolean {
	return sessionStorage.getItem(KEY) !== null;
}

export function keepToken(token: string | null): void {
	if (token === null) sessionStorage.removeItem(KEY);
	else sessionStorage.setItem(KEY, token);
}

async function send<T>(path: string, init: RequestInit): Promise<T> {
	const headers = new Headers(init.headers);
	headers.set("authorization", `Bearer ${sessionStorage.getItem(KEY) ?? ""}`);
	const response = await fetch(`../admin/${path}`, { ...init, headers, cache: "no-store" });
	const answer: unknown = await response.json();
	if (!response.ok) throw new AdminError(response.status, answer as AdminProblem);
	return answer as T;
}

/** Asks the admin API. @throws AdminError, or TypeError when the server cannot be reached */
export function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
	return send<T>(path, signal ? { signal } : {});
}

/** Changes something, under the name of whoever opened the monitor. @throws as `ask` does */
export function tell<T>(
	path: string,
	body: BodyInit | null = null,
	headers: Readonly<Record<string, string>> = {},
): Promise<T> {
	const by = encodeURIComponent(sessionStorage.getItem(NAME) || "monitor");
	const target = `${path}${path.includes("?") ? "&" : "?"}by=${by}`;
	return send<T>(target, { method: "POST", body, headers });
}
