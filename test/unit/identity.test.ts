import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { byHook, byToken, everybodyIsAGuest } from "../../server/match/identity/authenticate.ts";
import { fileKeys, remoteKeys } from "../../server/match/identity/public-keys.ts";
import { FileSecrets, fixedSecrets } from "../../server/match/identity/secrets.ts";
import { TokenVerifier } from "../../server/match/identity/token-verifier.ts";
import { readUser, type User } from "../../server/match/identity/user.ts";
import { MATCH_LIMITS } from "../../server/match/match-limits.ts";
import { rawToken, signWithSecret, TestIssuer } from "../support/test-issuer.ts";

const SECRET = "a secret of a test that is long enough";
const OTHER = "another secret of a test, long enough too";
const now = () => Date.now();
const soon = Math.floor(Date.now() / 1000) + 300;

let issuer: TestIssuer;
let folder: string;
beforeAll(async () => {
	issuer = await TestIssuer.start();
	folder = mkdtempSync(path.join(tmpdir(), "hotstep-identity-"));
});
afterAll(async () => {
	await issuer.stop();
	rmSync(folder, { recursive: true });
});

async function nameFor(verifier: TokenVerifier, token: string): Promise<string> {
	const found = await verifier.verify(token);
	return "error" in found ? found.error : `user ${found.id}`;
}

describe("a token", () => {
	const bySecret = () => new TokenVerifier({ secrets: fixedSecrets(SECRET, "a test"), now });

	it("says who somebody is", async () => {
		const token = await signWithSecret(SECRET, {
			sub: "u-1",
			name: "  Ada ",
			rating: 1512.5,
			roles: ["admin"],
			clan: "x",
			iss: "somebody",
		});
		expect(await bySecret().verify(token)).toEqual({
			id: "u-1",
			name: "Ada",
			rating: 1512.5,
			roles: ["admin"],
			claims: { clan: "x" },
		} satisfies User);
	});

	it("is refused by name for what is wrong with it", async () => {
		const verifier = new TokenVerifier({
			secrets: fixedSecrets(SECRET, "a test"),
			issuer: "https://id.example",
			audience: "game",
			now,
		});
		const good = { sub: "u", iss: "https://id.example", aud: "game" };
		const sign = (claims: object) => signWithSecret(SECRET, { ...good, ...claims });
		const nowS = Math.floor(Date.now() / 1000);
		const whole = await sign({});
		const [head = "", , signature = ""] = whole.split(".");
		const changed = Buffer.from(JSON.stringify({ ...good, sub: "admin", exp: soon }));
		const cases: [string, string][] = [
			[whole, "user u"],
			["", "ERR_TOKEN_INVALID"],
			["not a token", "ERR_TOKEN_INVALID"],
			["a.b.c", "ERR_TOKEN_INVALID"],
			[`${whole}.more`, "ERR_TOKEN_INVALID"],
			["x".repeat(MATCH_LIMITS.tokenChars + 1), "ERR_TOKEN_INVALID"],
			[rawToken({ alg: "none" }, { ...good, exp: soon }), "ERR_TOKEN_ALGORITHM"],
			[rawToken({ alg: "None" }, { ...good, exp: soon }), "ERR_TOKEN_ALGORITHM"],
			[rawToken({ alg: "HS256" }, { ...good, exp: soon }), "ERR_TOKEN_SIGNATURE"],
			[rawToken({ typ: "JWT" }, { ...good, exp: soon }), "ERR_TOKEN_INVALID"],
			[await signWithSecret(SECRET, good, "HS512"), "ERR_TOKEN_ALGORITHM"],
			[await issuer.sign(good), "ERR_TOKEN_ALGORITHM"],
			[await signWithSecret(OTHER, good), "ERR_TOKEN_SIGNATURE"],
			[`${head}.${changed.toString("base64url")}.${signature}`, "ERR_TOKEN_SIGNATURE"],
			[await sign({ exp: nowS - 20 }), "user u"],
			[await sign({ exp: nowS - 40 }), "ERR_TOKEN_EXPIRED"],
			[await sign({ exp: undefined }), "ERR_TOKEN_INVALID"],
			[await sign({ nbf: nowS + 20 }), "user u"],
			[await sign({ nbf: nowS + 60 }), "ERR_TOKEN_EARLY"],
			[await sign({ iss: "https://evil.example" }), "ERR_TOKEN_ISSUER"],
			[await sign({ iss: undefined }), "ERR_TOKEN_ISSUER"],
			[await sign({ aud: "another game" }), "ERR_TOKEN_AUDIENCE"],
			[await sign({ aud: ["game", "chat"] }), "user u"],
			[await sign({ aud: undefined }), "ERR_TOKEN_AUDIENCE"],
			[await sign({ sub: undefined }), "ERR_TOKEN_USER"],
		];
		for (const [token, name] of cases) {
			expect([token.slice(0, 120), await nameFor(verifier, token)]).toEqual([
				token.slice(0, 120),
				name,
			]);
		}
	});

	it("is good with any of several secrets, while the old one still holds", async () => {
		const verifier = new TokenVerifier({
			secrets: fixedSecrets(`${OTHER}\n${SECRET}`, "a test"),
			now,
		});
		expect(await nameFor(verifier, await signWithSecret(OTHER, { sub: "new" }))).toBe("user new");
		expect(await nameFor(verifier, await signWithSecret(SECRET, { sub: "old" }))).toBe("user old");
	});

	it("is not good because a public key was taken for a secret", async () => {
		const keys = remoteKeys(issuer.url);
		const verifier = new TokenVerifier({ keys, now });
		const pem = JSON.stringify(issuer.published.keys[0]);
		expect(await nameFor(verifier, await signWithSecret(pem, { sub: "u" }))).toBe(
			"ERR_TOKEN_ALGORITHM",
		);
		expect(await nameFor(verifier, await issuer.sign({ sub: "u" }))).toBe("user u");
	});
});

describe("an issuer's keys", () => {
	it("are those of a file or of an address, of many kinds", async () => {
		for (const alg of ["EdDSA", "ES256", "RS256"]) {
			const other = await TestIssuer.start(alg);
			const file = path.join(folder, `${alg}.json`);
			writeFileSync(file, JSON.stringify(other.published));
			for (const keys of [remoteKeys(other.url), fileKeys(file)]) {
				const verifier = new TokenVerifier({ keys, now });
				expect(await nameFor(verifier, await other.sign({ sub: alg }))).toBe(`user ${alg}`);
				expect(await nameFor(verifier, await issuer.sign({ sub: alg }))).toMatch(
					/^ERR_TOKEN_KEY|^ERR_TOKEN_SIG/,
				);
			}
			await other.stop();
		}
	});

	it("are asked for once, whoever makes up names of keys", async () => {
		const other = await TestIssuer.start();
		const verifier = new TokenVerifier({ keys: remoteKeys(other.url), now });
		await other.addKey("secret", false);
		expect(await nameFor(verifier, await other.sign({ sub: "u" }))).toBe("user u");
		for (let i = 0; i < 5; i++) {
			expect(await nameFor(verifier, await other.sign({ sub: "u" }, "secret"))).toBe(
				"ERR_TOKEN_KEY",
			);
		}
		expect(other.asked).toBe(1);
		await other.stop();
	});

	it("hold while the issuer cannot be reached, and are missing when it never could", async () => {
		const other = await TestIssuer.start();
		const verifier = new TokenVerifier({ keys: remoteKeys(other.url), now });
		const token = await other.sign({ sub: "u" });
		other.isDown = true;
		expect(await nameFor(verifier, token)).toBe("ERR_AUTH_UNAVAILABLE");
		const later = new TokenVerifier({ keys: remoteKeys(other.url, 0), now });
		other.isDown = false;
		expect(await nameFor(later, token)).toBe("user u");
		other.isDown = true;
		expect(await nameFor(later, token)).toBe("user u");
		expect(await nameFor(later, await signWithSecret(SECRET, {}))).toBe("ERR_TOKEN_ALGORITHM");
		await other.stop();
		expect(await nameFor(later, token)).toBe("user u");
	});

	it("change while the server runs: a new one is taken, and one that was withdrawn no more", async () => {
		const other = await TestIssuer.start();
		const verifier = new TokenVerifier({ keys: remoteKeys(other.url, 0), now });
		const old = await other.sign({ sub: "old" });
		expect(await nameFor(verifier, old)).toBe("user old");
		await other.addKey("second");
		expect(await nameFor(verifier, await other.sign({ sub: "new" }, "second"))).toBe("user new");
		other.withdrawKey("first");
		expect(await nameFor(verifier, old)).toBe("ERR_TOKEN_KEY");
		await other.stop();
	});

	it("are not taken from where anybody could answer", () => {
		for (const address of ["http://id.example/keys", "ftp://127.0.0.1/", "keys.json"]) {
			expect(() => remoteKeys(address)).toThrow(/keys/);
		}
		expect(() => remoteKeys("https://id.example/keys")).not.toThrow();
	});
});

describe("secrets", () => {
	it("are refused when they could be guessed, in words that do not have them", () => {
		for (const text of ["", "# only a note", "short", `${SECRET}\nshort`]) {
			expect(() => fixedSecrets(text, "SOME_VARIABLE")).toThrow(/SOME_VARIABLE/);
			expect(() => fixedSecrets(text, "SOME_VARIABLE")).not.toThrow(/short,|a secret of a test/);
		}
		const five = Array(5).fill(SECRET).join("\n");
		expect(() => fixedSecrets(five, "X")).toThrow(/more than 4/);
	});

	it("change with their file, without a restart, and stay when it is spoilt", async () => {
		const file = path.join(folder, "secret");
		writeFileSync(file, `# from Monday\n${SECRET}\n`);
		let nowMs = 0;
		const problems: string[] = [];
		const secrets = new FileSecrets(file, {
			now: () => nowMs,
			failed: (problem) => problems.push(problem),
		});
		const texts = async () => (await secrets.read()).map((key) => new TextDecoder().decode(key));
		expect(await texts()).toEqual([SECRET]);
		writeFileSync(file, `${OTHER}\n${SECRET}\n`);
		expect(await texts()).toEqual([SECRET]);
		nowMs += MATCH_LIMITS.keyFileMs;
		expect(await texts()).toEqual([OTHER, SECRET]);
		writeFileSync(file, "");
		utimesSync(file, 1, 1);
		nowMs += MATCH_LIMITS.keyFileMs;
		expect(await texts()).toEqual([OTHER, SECRET]);
		expect(problems).toEqual([expect.stringContaining("no secret")]);
		rmSync(file);
		nowMs += MATCH_LIMITS.keyFileMs;
		expect(await texts()).toEqual([OTHER, SECRET]);
		expect(problems).toHaveLength(2);
	});

	it("that are not there stop a start", () => {
		const options = { now, failed: () => {} };
		expect(() => new FileSecrets(path.join(folder, "none"), options)).toThrow(/ENOENT/);
		expect(() => new TokenVerifier({ now })).toThrow(/secret or public keys/);
		const secrets = fixedSecrets(SECRET, "X");
		expect(() => new TokenVerifier({ secrets, algorithms: ["none"], now })).toThrow(/none/);
		expect(() => new TokenVerifier({ secrets, algorithms: ["RS256"], now })).toThrow(/public/);
	});
});

describe("a user", () => {
	const read = (payload: object) => {
		const found = readUser(payload as Record<string, unknown>);
		return "error" in found ? found.error : found;
	};

	it("has an id of bounded size, and claims as well", () => {
		expect(read({ sub: "ä".repeat(64) })).toMatchObject({ id: "ä".repeat(64) });
		for (const sub of ["", "ä".repeat(65), 7, null, ["u"], "\ud800"]) {
			expect(read({ sub })).toBe("ERR_TOKEN_USER");
		}
		expect(read({ sub: "u", note: "x".repeat(2_000) })).toMatchObject({ id: "u" });
		expect(read({ sub: "u", note: "x".repeat(2_048) })).toBe("ERR_TOKEN_INVALID");
	});

	it("is not refused for a name that cannot be shown, but for a rating that is none", () => {
		expect(read({ sub: "u", name: "a\u202eb" })).toMatchObject({ name: null });
		expect(read({ sub: "u", name: 7 })).toMatchObject({ name: null });
		expect(read({ sub: "u", rating: "7" })).toBe("ERR_TOKEN_INVALID");
		expect(read({ sub: "u", roles: "admin" })).toBe("ERR_TOKEN_INVALID");
		expect(read({ sub: "u", roles: ["x".repeat(33)] })).toBe("ERR_TOKEN_INVALID");
		expect(read({ sub: "u", roles: Array(17).fill("x") })).toBe("ERR_TOKEN_INVALID");
	});
});

describe("who comes in", () => {
	const ask = { token: null, address: "192.0.2.1" };

	it("is a guest where nothing is configured, and needs a token where it is", async () => {
		expect(await everybodyIsAGuest(ask)).toBeNull();
		const verifier = new TokenVerifier({ secrets: fixedSecrets(SECRET, "X"), now });
		expect(await byToken(verifier)(ask)).toMatchObject({ error: "ERR_AUTH_REQUIRED" });
	});

	it("may be decided by a hook, whose failure lets nobody in", async () => {
		const user: User = { id: "u", name: null, rating: null, roles: [], claims: {} };
		const failures: unknown[] = [];
		const failed = (thrown: unknown) => failures.push(thrown);
		expect(await byHook(() => user, failed)(ask)).toBe(user);
		expect(await byHook(async () => null, failed)(ask)).toBeNull();
		expect(await byHook(() => "not today", failed)(ask)).toEqual({
			error: "ERR_AUTH_REFUSED",
			detail: "not today",
		});
		expect(failures).toEqual([]);
		const broken = byHook(() => Promise.reject(new Error("boom")), failed);
		expect(await broken(ask)).toMatchObject({ error: "ERR_AUTH_UNAVAILABLE" });
		expect(failures).toHaveLength(1);
	});
});
