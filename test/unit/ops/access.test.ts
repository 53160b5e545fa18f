import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { hasToken, isFromHere, namesThisMachine } from "../../../server/ops/access.ts";

function request(headers: Record<string, string>, remoteAddress = "127.0.0.1"): IncomingMessage {
	return { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}

describe("a request of this machine", () => {
	it.each(["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])("may come from %s", (address) => {
		expect(isFromHere(request({ host: "localhost", "user-agent": "curl" }, address))).toBe(true);
	});

	it.each(["10.0.0.1", "::ffff:10.0.0.1", "fe80::1", "1127.0.0.1", ""])(
		"does not come from %j",
		(address) => {
			expect(isFromHere(request({}, address))).toBe(false);
		},
	);

	it.each([
		"forwarded",
		"via",
		"x-forwarded-for",
		"x-forwarded-host",
		"x-forwarded-proto",
		"x-forwarded-port",
		"x-forwarded-server",
		"x-real-ip",
		"x-client-ip",
		"x-cluster-client-ip",
		"x-original-forwarded-for",
		"true-client-ip",
		"cf-connecting-ip",
		"cf-ray",
		"fastly-client-ip",
		"fly-client-ip",
		"x-envoy-external-address",
		"x-amzn-trace-id",
		"cdn-loop",
	])("was not passed on by a proxy that says %s", (name) => {
		expect(isFromHere(request({ [name]: "1" }))).toBe(false);
	});

	it.each(["localhost", "LOCALHOST:8080", "127.0.0.1", "127.1.2.3:80", "[::1]:8080"])(
		"may name it %s",
		(host) => {
			expect(namesThisMachine(request({ host }))).toBe(true);
		},
	);

	it.each([
		"127.999.1.1",
		"127.0.0.1.evil.example",
		"localhost.evil.example",
		"evil.example",
		"127",
		"",
	])("does not name it %j", (host) => {
		expect(namesThisMachine(request({ host }))).toBe(false);
	});
});

describe("a token", () => {
	const TOKEN = "a-token-of-a-test";
	it.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `BEARER  ${TOKEN}`])(
		"is known in %j",
		(authorization) => {
			expect(hasToken(request({ authorization }), TOKEN)).toBe(true);
		},
	);

	it.each([
		"",
		"Bearer",
		"Bearer ",
		TOKEN,
		`Basic ${TOKEN}`,
		`Bearer ${TOKEN}x`,
		`Bearer x${TOKEN}`,
	])("is not in %j", (authorization) => {
		expect(hasToken(request({ authorization }), TOKEN)).toBe(false);
		expect(hasToken(request({ authorization }), "")).toBe(false);
	});
});
