// Runs a match file in the JavaScript engine that runs this: Node (V8), Bun (JavaScriptCore) or a shell of
// SpiderMonkey.        host.js MATCH [TICK IMAGE]
import { runMatch } from "./run-match.js";

/** What differs between the three: arguments, files, output, a clock. */
async function shell() {
	if (typeof process === "undefined") {
		// SpiderMonkey's shell; its options end at the name of this file
		const { scriptArgs, os, print, performance, dateNow } = globalThis;
		return {
			name: "SpiderMonkey",
			version: String(globalThis.version?.() || ""),
			args: scriptArgs,
			read: (file) => os.file.readFile(file, "binary"),
			write: (file, bytes) => os.file.writeTypedArrayToFile(file, bytes),
			print,
			now: () => performance?.now() ?? dateNow(),
		};
	}
	const { readFileSync, writeFileSync, writeSync } = await import("node:fs");
	const { bun, v8, webkit } = process.versions;
	return {
		name: bun ? "JavaScriptCore" : "V8",
		version: bun ? `${webkit?.slice(0, 12)} (Bun ${bun})` : `${v8} (Node ${process.versions.node})`,
		args: process.argv.slice(2),
		read: (file) => new Uint8Array(readFileSync(file)),
		write: writeFileSync,
		print: (line) => writeSync(1, `${line}\n`),
		now: () => performance.now(),
	};
}

const { name, version, args, read, write, print, now } = await shell();
const [file, imageTick, imageFile] = args;
print(`engine ${name} ${version}`.trim());
try {
	const options = imageTick === undefined ? {} : { imageTick: Number(imageTick) };
	const image = runMatch(read(file), { say: print, now, ...options });
	if (image) write(imageFile, image);
} catch (thrown) {
	print(`fail ${thrown.message}`);
}
