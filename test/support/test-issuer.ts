import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

export interface Claims {
	[name: string]: unknown;
}

/** Somebody who signs users in: keys of its own, published at an address of this machine. */
export class TestIssuer {
	/** How often its keys were asked for. */
	asked = 0;
	isDown = false;
	private readonly keys: JWK[] = [];
	private readonly privateKeys = new Map<string, CryptoKey>();
	private readonly server: Server;
	private readonly alg: string;

	private constructor(alg: string) {
		this.alg = alg;
		this.server = createServer((_, response) => {
			this.asked++;
			response.writeHead(this.isDown ? 503 : 200, { "content-type": "application/json" });
			response.end(JSON.stringify({ keys: this.keys }));
		});
	}

	static async start(alg = "ES256"): Promise<TestIssuer> {
		const issuer = new TestIssuer(alg);
		await issuer.addKey("first");
		await new Promise<void>((resolve) => {
			issuer.server.listen(0, "127.0.0.1", resolve);
		});
		return issuer;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/keys`;
	}

	get published(): { keys: JWK[] } {
		return { keys: this.keys };
	}

	/** Makes and publishes a key; unless it is kept secret, so that nobody can check what it signs. */
	async addKey(kid: string, isPublished = true): Promise<void> {
		const { publicKey, privateKey } = await generateKeyPair(this.alg, { extractable: true });
		this.privateKeys.set(kid, privateKey);
		if (isPublished) this.keys.push({ ...(await exportJWK(publicKey)), kid, alg: this.alg });
	}

	withdrawKey(kid: string): void {
		this.keys.splice(
			this.keys.findIndex((key) => key.kid === kid),
			1,
		);
	}

	/** A token that ends in five minutes unless the claims say otherwise. */
	async sign(claims: Claims, kid = "first"): Promise<string> {
		const key = this.privateKeys.get(kid);
		if (!key) throw new Error(`no key "${kid}"`);
		const exp = Math.floor(Date.now() / 1000) + 300;
		return new SignJWT({ exp, ...claims }).setProtectedHeader({ alg: this.alg, kid }).sign(key);
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => {
			this.server.close(resolve);
		});
	}
}

/** A token signed with a shared secret. */
export function signWithSecret(secret: string, claims: Claims, alg = "HS256"): Promise<string> {
	const exp = Math.floor(Date.now() / 1000) + 300;
	return new SignJWT({ exp, ...claims })
		.setProtectedHeader({ alg })
		.sign(new TextEncoder().encode(secret));
}

function part(value: unknown): string {
	return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** A token of parts, whether they make sense or not. */
export function rawToken(header: unknown, payload: unknown, signature = ""): string {
	return `${part(header)}.${part(payload)}.${signature}`;
}
