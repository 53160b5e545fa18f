import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readStartConfig } from "../../../server/cli/start-config.ts";

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

	it("has each flag in the environment, and says which is wrong there", () => {
		const env = {
			HOTSTEP_SEAT_GRACE: "3",
			HOTSTEP_CODE_RESIDUALS: "1",
			HOTSTEP_MAX_ROOMS: "7",
			HOTSTEP_NO_PAGE: "0",
			HOTSTEP_EMPTY_ROOM: "",
		};
		expect(readStartConfig(GAME, env)).toMatchObject({
			seatGraceMs: 3000,
			codeResiduals: true,
			maxRooms: 7,
			emptyRoomMs: 30_000,
		});
		expect(readStartConfig([...GAME, "--max-rooms", "8"], env).maxRooms).toBe(8);
		expect(() => readStartConfig(GAME, { HOTSTEP_CODE_RESIDUALS: "maybe" })).toThrow(
			'HOTSTEP_CODE_RESIDUALS is 1 or 0, not "maybe"',
		);
	});

	it("bounds clients, rooms and how long it waits", () => {
		const flags = ["--max-connections", "50", "--hello-timeout", "2", "--silence", "9.5"];
		expect(readStartConfig([...GAME, ...flags], {})).toMatchObject({
			maxConnections: 50,
			helloTimeoutMs: 2000,
			silenceMs: 9500,
		});
	});

	it("reads the admin token out of a file, and lets a flag win over the environment's", () => {
		const file = path.join(mkdtempSync(path.join(tmpdir(), "token-")), "token");
		writeFileSync(file, "out of a file\n");
		const flags = [...GAME, "--admin-token-file", file];
		expect(readStartConfig(flags, {}).adminToken).toBe("out of a file");
		expect(readStartConfig(GAME, { HOTSTEP_ADMIN_TOKEN_FILE: file }).adminToken).toBe(
			"out of a file",
		);
		expect(readStartConfig(flags, { HOTSTEP_ADMIN_TOKEN: "something else" }).adminToken).toBe(
			"out of a file",
		);
		expect(() => readStartConfig([...flags, "--admin-token", "12345678"], {})).toThrow("too many");
		expect(() => readStartConfig([...GAME, "--admin-token-file", `${file}.no`], {})).toThrow(
			"--admin-token-file: ENOENT",
		);
		writeFileSync(file, "short");
		expect(() => readStartConfig(flags, {})).toThrow("at least 8 characters");
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
		[["--max-rooms", "0"], "--max-rooms is a whole number"],
		[["--max-connections", "1e3"], "--max-connections is a whole number"],
		[["--hello-timeout", "0"], "--hello-timeout is a number from 1 up"],
		[["--nonsense"], "--nonsense"],
	])("refuses %j with what to change", (args, message) => {
		expect(() => readStartConfig([...GAME, ...args], {})).toThrow(message);
	});
});
