import { describe, expect, it } from "vitest";
import { CTX, DESCRIPTOR, SEALED } from "../../../protocol/abi/layout.ts";
import { sealModule } from "../../../server/module/seal/seal-module.ts";
import { answerTo } from "../../../server/module/seal/wasi/answers.ts";
import { assembleWat } from "../../support/assemble-wat.ts";

const DESCRIBED = 1_024;
const CTX_AT = 2_048;

/** A module with these imports and functions, sealed and running; `said` is what it logs. */
async function start(imports: string, code: string, describes = DESCRIBED) {
	const raw = await assembleWat(`(module
		${imports}
		(memory (export "memory") 1 1)
		(func (export "hs_tick") (result i32) (i32.const 0))
		${code}
		(func (export "hs_describe") (result i32) (i32.const ${describes})))`);
	const sealing = sealModule(raw);
	if ("error" in sealing) throw new Error(`${sealing.error}: ${sealing.detail}`);
	const module = new WebAssembly.Module(sealing.sealed);
	const said: string[] = [];
	const { exports } = new WebAssembly.Instance(module, {
		hotstep: {
			log(level: number, at: number, bytes: number) {
				said.push(`${level} ${Buffer.from(memory.buffer, at, bytes).toString()}`);
			},
		},
		env: { abort: () => said.push("abort") },
	});
	const memory = exports.memory as WebAssembly.Memory;
	const view = new DataView(memory.buffer);
	const fuel = exports[SEALED.fuel] as WebAssembly.Global;
	fuel.value = 1_000_000;
	const call = (name: string, ...values: number[]): number =>
		(exports[name] as (...given: number[]) => number)(...values);
	const describe = (tick: number): void => {
		view.setUint32(DESCRIBED + DESCRIPTOR.ctx, CTX_AT, true);
		view.setUint16(DESCRIBED + DESCRIPTOR.tickRate, 50, true);
		view.setUint32(CTX_AT + CTX.tick, tick, true);
		for (let i = 0; i < 4; i++) view.setUint32(CTX_AT + CTX.random + i * 4, i + 1, true);
		expect(call("hs_describe")).toBe(DESCRIBED);
	};
	return { module, said, view, fuel, call, describe };
}

const wasi = (name: string, type: string): string =>
	`(import "wasi_snapshot_preview1" "${name}" (func $${name} ${type}))`;
const FD_WRITE = wasi("fd_write", "(param i32 i32 i32 i32) (result i32)");
const LOG = '(import "hotstep" "log" (func $log (param i32 i32 i32)))';
const ABORT = '(import "env" "abort" (func $abort (param i32 i32 i32 i32)))';

const WRITES = `
	(data (i32.const 16) "\\40\\00\\00\\00\\06\\00\\00\\00\\48\\00\\00\\00\\03\\00\\00\\00")
	(data (i32.const 64) "hello\\0a")
	(data (i32.const 72) "you")
	(func (export "write") (param i32) (result i32)
		(call $fd_write (local.get 0) (i32.const 16) (i32.const 2) (i32.const 8)))`;

describe("a module that imports WASI", () => {
	it.each([
		["alone", FD_WRITE],
		["before others", `${FD_WRITE} ${LOG} ${ABORT}`],
		["behind others", `${ABORT} ${LOG} ${FD_WRITE}`],
		["between others", `${wasi("proc_exit", "(param i32)")} ${LOG} ${FD_WRITE} ${ABORT}`],
	])("writes to the log, a line for each piece, its import %s", async (_, imports) => {
		const { module, said, view, call } = await start(imports, WRITES);
		const left = WebAssembly.Module.imports(module).map((one) => `${one.module}.${one.name}`);
		expect(left.filter((name) => !["hotstep.log", "env.abort"].includes(name))).toEqual([]);
		expect(call("write", 1)).toBe(0);
		expect(call("write", 2)).toBe(0);
		expect(view.getUint32(8, true)).toBe(9);
		expect(said).toEqual(["1 hello", "1 you", "2 hello", "2 you"]);
		expect(call("write", 3)).toBe(8);
	});

	it("calls its other imports as before", async () => {
		const { said, call } = await start(
			`${wasi("sched_yield", "(result i32)")} ${ABORT} ${FD_WRITE} ${LOG}`,
			`(data (i32.const 64) "hello")
			(func (export "say") (param i32) (result i32) (local i32)
				(loop $again
					(call $log (i32.const 3) (i32.const 64) (i32.const 5))
					(local.set 1 (i32.add (local.get 1) (call $sched_yield)))
					(br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
				(call $abort (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
				(local.get 1))`,
		);
		expect(call("say", 2)).toBe(0);
		expect(said).toEqual(["3 hello", "3 hello", "abort"]);
	});

	it("ends the tick where it would exit", async () => {
		const { call } = await start(
			wasi("proc_exit", "(param i32)"),
			'(func (export "leave") (call $proc_exit (i32.const 0)))',
		);
		expect(() => call("leave")).toThrow(/unreachable/);
	});

	const CLOCK = wasi("clock_time_get", "(param i32 i64 i32) (result i32)");
	it("has the room's ticks for a clock", async () => {
		const { view, call, describe } = await start(
			CLOCK,
			`(func (export "now") (result i32)
				(call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 8)))`,
		);
		expect([call("now"), view.getBigUint64(8, true)]).toEqual([0, 1n]);
		describe(4_000_000_000);
		expect([call("now"), view.getBigUint64(8, true)]).toEqual([0, 80_000_000_000_000_001n]);
	});

	it("draws from the room's seed, as the SDK does", async () => {
		const { view, call, describe } = await start(
			wasi("random_get", "(param i32 i32) (result i32)"),
			`(func (export "draw") (param i32) (result i32)
				(call $random_get (i32.const 8) (local.get 0)))`,
		);
		expect([call("draw", 4), view.getUint32(8, true)]).toEqual([0, 0]);
		describe(0);
		const state = [1, 2, 3, 4];
		const rotl = (x: number, n: number): number => (x << n) | (x >>> (32 - n));
		const bytes = Array.from({ length: 7 }, () => {
			let [s0, s1, s2, s3] = state as [number, number, number, number];
			const drawn = Math.imul(rotl(Math.imul(s1, 5), 7), 9) & 255;
			const shifted = s1 << 9;
			s2 ^= s0;
			s3 ^= s1;
			s1 ^= s2;
			s0 ^= s3;
			s2 ^= shifted;
			state.splice(0, 4, s0, s1, s2, rotl(s3, 11));
			return drawn;
		});
		expect(call("draw", 7)).toBe(0);
		expect(Array.from({ length: 7 }, (_, i) => view.getUint8(8 + i))).toEqual(bytes);
		expect(view.getUint8(15)).toBe(0);
	});

	it("pays for what its answers do", async () => {
		const { fuel, call } = await start(
			`${FD_WRITE} ${wasi("random_get", "(param i32 i32) (result i32)")}`,
			`(func (export "write") (param i32) (result i32)
				(call $fd_write (i32.const 1) (i32.const 16) (local.get 0) (i32.const 8)))
			(func (export "draw") (param i32) (result i32)
				(call $random_get (i32.const 8) (local.get 0)))`,
		);
		for (const [name, much] of [
			["write", 5_000],
			["draw", 60_000],
		] as const) {
			fuel.value = 1_000_000;
			expect(call(name, 1)).toBe(0);
			expect(fuel.value).toBeLessThan(1_000_000);
			expect(() => call(name, much)).toThrow(/unreachable/);
			expect(fuel.value).toBeLessThan(0);
		}
	});

	it("has a fuel count that is right behind a call in a loop", async () => {
		const { fuel, call } = await start(
			wasi("sched_yield", "(result i32)"),
			`(func (export "loop") (param i32)
				(loop $again
					(drop (call $sched_yield))
					(br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`,
		);
		const spent = (turns: number): number => {
			fuel.value = 1_000_000;
			call("loop", turns);
			return 1_000_000 - (fuel.value as number);
		};
		const [one, two, many] = [spent(1), spent(2), spent(101)];
		expect(many - one).toBe((two - one) * 100);
		expect(two - one).toBeGreaterThan(20);
	});

	it("is refused if it takes an answer's address, wants what there is not, or has another signature", async () => {
		const refusal = async (imports: string, code = ""): Promise<string> =>
			start(imports, code).then(
				() => "taken",
				(thrown: Error) => thrown.message,
			);
		const table = "(table 1 funcref) (elem (i32.const 0) $fd_write)";
		expect(await refusal(FD_WRITE, table)).toMatch(/ERR_MODULE_IMPORT: the address of .*fd_write/);
		expect(await refusal(FD_WRITE, '(export "w" (func $fd_write))')).toMatch(/ERR_MODULE_IMPORT/);
		expect(await refusal(wasi("fd_fly", "(param i32)"))).toMatch(/ERR_MODULE_IMPORT/);
		expect(await refusal(wasi("fd_write", "(param i32) (result i32)"))).toMatch(
			/ERR_MODULE_IMPORT/,
		);
	});

	it("answers each function of preview 1, and a module that imports all of them is sound", async () => {
		const names = (
			"args_get args_sizes_get environ_get environ_sizes_get clock_res_get clock_time_get fd_advise fd_allocate fd_close " +
			"fd_datasync fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights fd_filestat_get fd_filestat_set_size " +
			"fd_filestat_set_times fd_pread fd_prestat_get fd_prestat_dir_name fd_pwrite fd_read"
		).split(" ");
		const imports = names.map((name) => {
			const { signature } = answerTo(`wasi_snapshot_preview1.${name}`) ?? { signature: "" };
			const [, params = ""] = /^\((.*)\) -> \(i32\)$/.exec(signature) ?? [];
			return wasi(name, `(param ${params.replaceAll(",", "")}) (result i32)`);
		});
		// sixteen imports are the most that a module may have
		for (const some of [imports.slice(0, 16), imports.slice(16)]) {
			const { module } = await start(some.join(" "), "");
			expect(WebAssembly.Module.imports(module).map(({ name }) => name)).toEqual(["log"]);
		}
	});
});
