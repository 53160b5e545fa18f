// Makes a fresh clone ready: installs what package-lock.json says when that is missing or stale, and
// builds when a source is newer than the last build. Runs before `npm start`, `npm test` and the like,
// so it uses nothing but Node.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
	console.error(`Node 20.19 or newer is needed, this is ${process.versions.node}`);
	process.exit(1);
}

const root = import.meta.dirname;
const SKIPPED = new Set(["node_modules", "dist", "generated", "target", ".git", "docs", "test"]);

/** Newest change of any source below `folder`, ms. */
function newestSource(folder) {
	let newest = 0;
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		if (SKIPPED.has(entry.name)) continue;
		const file = path.join(folder, entry.name);
		if (entry.isDirectory()) newest = Math.max(newest, newestSource(file));
		else if (/\.(ts|mjs|json|html|css|svg)$/.test(entry.name)) {
			newest = Math.max(newest, statSync(file).mtimeMs);
		}
	}
	return newest;
}

const lock = createHash("sha256")
	.update(readFileSync(path.join(root, "package-lock.json")))
	.digest("hex");
const installed = path.join(root, "node_modules", ".hotstep-lock");
if (!existsSync(installed) || readFileSync(installed, "utf8") !== lock) {
	console.log("Installing what package-lock.json names …");
	execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
		cwd: root,
		stdio: "inherit",
		shell: process.platform === "win32",
	});
	writeFileSync(installed, lock);
}

const built = path.join(root, "dist", ".built");
if (!existsSync(built) || statSync(built).mtimeMs < newestSource(root)) {
	console.log("Building …");
	execFileSync(process.execPath, [path.join(root, "build.mjs")], { cwd: root, stdio: "inherit" });
	writeFileSync(built, "");
}
