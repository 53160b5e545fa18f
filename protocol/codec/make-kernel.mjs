// Assembles kernel.wat into kernel-bytes.ts: node protocol/codec/make-kernel.mjs
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import wabt from "wabt";

const here = import.meta.dirname;
const text = readFileSync(path.join(here, "kernel.wat"), "utf8");
const { parseWat } = await wabt();
const { buffer } = parseWat("kernel.wat", text).toBinary({});
const lines =
	Buffer.from(buffer)
		.toString("base64")
		.match(/.{1,96}/g) ?? [];
writeFileSync(
	path.join(here, "kernel-bytes.ts"),
	`// kernel.wat, assembled by make-kernel.mjs; a test holds the two together.
export const KERNEL_BYTES = [
${lines.map((line) => `\t"${line}",`).join("\n")}
].join("");
`,
);
