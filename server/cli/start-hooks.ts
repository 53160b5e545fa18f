import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { ConfigError } from "../config-error.ts";
import { EFFECT_LIMITS } from "../effects/effect-limits.ts";
import type { WebhookOptions } from "../effects/webhook.ts";

/** The given module of hooks, or the one that was built with the only game. @throws ConfigError */
export function readHooks(given: string | undefined, games: readonly string[]): string | null {
	if (given !== undefined) {
		if (!existsSync(given)) throw new ConfigError(`there is no file "${given}"`);
		return path.resolve(given);
	}
	const [game = "", ...others] = games;
	if (others.length > 0) return null;
	const beside = path.resolve(`${game.replace(/\.wasm$/, "")}.hooks.mjs`);
	return existsSync(beside) ? beside : null;
}

/** Where results go, and the secret that signs them: all users can read a command line. @throws ConfigError */
export function readWebhook(
	url: string | undefined,
	secretFile: string | undefined,
	env: NodeJS.ProcessEnv,
): WebhookOptions | null {
	if (url === undefined) {
		if (secretFile === undefined) return null;
		throw new ConfigError("--webhook-secret-file is for --webhook URL");
	}
	const parsed = URL.canParse(url) ? new URL(url) : null;
	if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
		throw new ConfigError("--webhook takes an http or https address");
	}
	if (parsed.username !== "" || parsed.password !== "") {
		throw new ConfigError("the address of --webhook has a password in it: the signature is enough");
	}
	let secret = env.HOTSTEP_WEBHOOK_SECRET ?? "";
	if (secretFile !== undefined) {
		try {
			secret = readFileSync(secretFile, "utf8");
		} catch (thrown) {
			throw new ConfigError(`--webhook-secret-file: ${(thrown as Error).message}`);
		}
	}
	secret = secret.trim();
	if (secret.length < EFFECT_LIMITS.secretChars) {
		throw new ConfigError(
			`--webhook needs a secret of at least ${EFFECT_LIMITS.secretChars} characters: ` +
				"--webhook-secret-file, or HOTSTEP_WEBHOOK_SECRET",
		);
	}
	return { url: parsed.href, secret };
}
