import { ConfigError } from "../config-error.ts";
import { parseFlags } from "./run-command.ts";

const OPTIONS = {
	host: { type: "string" },
	port: { type: "string" },
	page: { type: "string" },
	"no-page": { type: "boolean" },
	log: { type: "string" },
	"admin-token": { type: "string" },
	"admin-token-file": { type: "string" },
	"admin-remote": { type: "boolean" },
	workers: { type: "string" },
	"no-balance": { type: "boolean" },
	durability: { type: "string" },
	"max-connections": { type: "string" },
	"allow-origin": { type: "string" },
	"trust-proxy": { type: "string" },
	"address-connections": { type: "string" },
	"limit-local": { type: "boolean" },
	"max-rooms": { type: "string" },
	"empty-room": { type: "string" },
	"hello-timeout": { type: "string" },
	silence: { type: "string" },
	"client-bytes": { type: "string" },
	"code-residuals": { type: "boolean" },
	"seat-grace": { type: "string" },
	"on-fault": { type: "string" },
	record: { type: "string" },
	"record-keep": { type: "string" },
	"record-max": { type: "string" },
	data: { type: "string" },
	hooks: { type: "string" },
	webhook: { type: "string" },
	"webhook-secret-file": { type: "string" },
	probation: { type: "string" },
	retire: { type: "string" },
	metrics: { type: "string" },
} as const;

/** Reads the flags of `hotstep start`, which win over the environment: `--seat-grace` is `HOTSTEP_SEAT_GRACE` there. */
export function readStartFlags(args: readonly string[], env: NodeJS.ProcessEnv) {
	const { values, positionals } = parseFlags(args, OPTIONS);
	const all: Record<string, string | boolean | undefined> = { ...values };
	const hasToken = (values["admin-token"] ?? values["admin-token-file"]) !== undefined;
	for (const [flag, { type }] of Object.entries(OPTIONS)) {
		const name = `HOTSTEP_${flag.toUpperCase().replaceAll("-", "_")}`;
		const text = env[name];
		if (text === undefined || text === "" || all[flag] !== undefined) continue;
		if (flag.startsWith("admin-token") && hasToken) continue;
		all[flag] = type === "boolean" ? readSwitch(name, text) : text;
	}
	return { values: all as typeof values, positionals };
}

function readSwitch(name: string, text: string): boolean {
	if (/^(?:1|true|yes|on)$/i.test(text)) return true;
	if (/^(?:0|false|no|off)$/i.test(text)) return false;
	throw new ConfigError(`${name} is 1 or 0, not "${text}"`);
}
