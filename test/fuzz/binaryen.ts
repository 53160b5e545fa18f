import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SeededRandom } from "../../protocol/seeded-random.ts";

const FEATURES = [
	"--enable-bulk-memory",
	"--enable-sign-ext",
	"--enable-nontrapping-float-to-int",
	"--enable-multivalue",
	"--enable-mutable-globals",
];

/** What a server asks of a module and binaryen does not write. */
const EXPORTS = `
 (func (export "hs_tick") (result i32) (i32.const 0))
 (func (export "hs_describe") (result i32) (i32.const 0))
)`;

/** Valid modules out of random bytes, by `wasm-opt --translate-to-fuzz` of Debian's `binaryen`. */
export class BinaryenSource {
	private readonly folder = mkdtempSync(path.join(tmpdir(), "seal-fuzz-"));

	static isInstalled(): boolean {
		try {
			execFileSync("wasm-opt", ["--version"], { stdio: "ignore" });
			return true;
		} catch {
			return false;
		}
	}

	/** null where binaryen fails itself, which it does now and then. */
	next(random: SeededRandom): Uint8Array<ArrayBuffer> | null {
		const [seed, text, wasm] = ["seed.bin", "module.wat", "module.wasm"].map((name) =>
			path.join(this.folder, name),
		);
		const bytes = Uint8Array.from({ length: 500 + random.below(12_000) }, () => random.below(256));
		writeFileSync(seed, bytes);
		const features = random.chance(0.3) ? [...FEATURES, "--enable-reference-types"] : FEATURES;
		// NaN bits may differ between raw and sealed code, so they are made the same
		const passes = ["--remove-imports", "--denan", ...(random.chance(0.5) ? ["-O2"] : [])];
		try {
			const args = [seed, "--translate-to-fuzz", ...features, ...passes, "-S", "-o", text];
			execFileSync("wasm-opt", args, { stdio: "ignore" });
			const written = readFileSync(text, "utf8").trimEnd().replace(/\)$/, EXPORTS);
			writeFileSync(text, written);
			execFileSync("wasm-as", [text, ...FEATURES, "--enable-reference-types", "-o", wasm], {
				stdio: "ignore",
			});
			return new Uint8Array(readFileSync(wasm));
		} catch {
			return null;
		}
	}

	close(): void {
		rmSync(this.folder, { recursive: true });
	}
}
