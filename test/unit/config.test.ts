import { describe, expect, it } from "vitest";
import { readStartConfig } from "../../server/config.ts";

const GAME = ["game.wasm"];

describe("readStartConfig", () => {
	it("listens on 127.0.0.1:8080 unless told otherwise", () => {
		expect(readStartConfig(GAME, {})).toMatchObject({ host: "127.0.0.1", port: 8080, games: GAME });
	});

	it("serves the demo's page with the built-in games only, and a page that is named with any", () => {
		expect(readStartConfig(GAME, {}).pageFolder).toBeNull();
		const page = import.meta.dirname;
		expect(readStartConfig([...GAME, "--page", page], {}).pageFolder).toBe(page);
	});

	it("takes the environment, and lets flags win over it", () => {
		const env = { HOST: "0.0.0.0", PORT: "9000", HOTSTEP_LOG: "warn" };
		expect(readStartConfig(GAME, env)).toMatchObject({
			host: "0.0.0.0",
			port: 9000,
			logLevel: "warn",
		});
		const flags = [...GAME, "--host", "::1", "--port", "0", "--log", "debug"];
		expect(readStartConfig(flags, env)).toMatchObject({ host: "::1", port: 0, logLevel: "debug" });
	});

	it("says what each client may be sent, and how long a seat is held", () => {
		expect(readStartConfig(GAME, {})).toMatchObject({
			clientBytesPerSecond: 1_048_576,
			codeResiduals: false,
			seatGraceMs: 15_000,
		});
		const flags = ["--client-bytes", "5000", "--code-residuals", "--seat-grace", "0.5"];
		expect(readStartConfig([...GAME, ...flags], {})).toMatchObject({
			clientBytesPerSecond: 5000,
			codeResiduals: true,
			seatGraceMs: 500,
		});
	});

	it.each([
		[["--port", "70000"], "the port must be"],
		[["--port", "8o80"], "the port must be"],
		[["--port", ""], "the port must be"],
		[["--host", ""], "the host is empty"],
		[["--log", "loud"], "the log level must be"],
		[["--page", "no/such/folder"], "there is no folder"],
		[["--client-bytes", "999"], "--client-bytes is a number from 1000 up"],
		[["--client-bytes", "many"], "--client-bytes is a number"],
		[["--seat-grace", "-1"], "--seat-grace"],
		[["--nonsense"], "--nonsense"],
	])("refuses %j with what to change", (args, message) => {
		expect(() => readStartConfig([...GAME, ...args], {})).toThrow(message);
	});
});
