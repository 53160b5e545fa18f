// Plays a match file that somebody chooses, or the one that browser.js serves, and compares it with what V8 made of it.
import { eachTick, readMatch } from "./match-file.js";

const out = document.querySelector("output");

/** Plays it in a worker; `hear` gets lines as they come. Gives the image after `imageTick`, if there is one. */
function play(bytes, imageTick, hear) {
	return new Promise((resolve) => {
		const worker = new Worker("./worker.js", { type: "module" });
		worker.onmessage = ({ data }) => {
			if (data.lines) return hear(data.lines);
			worker.terminate();
			resolve(data.image);
		};
		worker.onerror = ({ message }) => hear([`fail ${message}`]);
		worker.postMessage({ bytes, imageTick });
	});
}

/** What the file says that each tick gives, as a host would say it. */
function expectedLines(bytes) {
	const lines = [];
	eachTick(readMatch(bytes).ticks, (tick, _inbox, fuel, hash) => {
		lines.push(`tick ${tick} ${hash} ${fuel}`);
	});
	return lines;
}

async function compare(bytes) {
	const expected = expectedLines(bytes);
	let ticks = 0;
	let wrong = null;
	await play(bytes, -1, (lines) => {
		for (const line of lines) {
			if (line.startsWith("fail")) wrong ??= line;
			if (!line.startsWith("tick")) continue;
			if (line === expected[ticks]) ticks++;
			else wrong ??= `differs: ${line}; recorded: ${expected[ticks]}`;
		}
		out.textContent = wrong ?? `${ticks} of ${expected.length} ticks agree`;
	});
	out.dataset.over = "yes";
}

document.querySelector("input").onchange = async ({ target }) => {
	const [file] = target.files;
	if (file) await compare(new Uint8Array(await file.arrayBuffer()));
};

// browser.js asks for a match by itself, and wants to hear of it
const asked = new URLSearchParams(location.search);
if (asked.has("host")) {
	const post = (path, body) => fetch(path, { method: "POST", body });
	const bytes = new Uint8Array(await (await fetch("match")).arrayBuffer());
	const [, name, version] = /(Firefox|Chrome)\/(\d+)/.exec(navigator.userAgent) ?? [];
	let sending = post("said", `engine ${name ?? "browser"} ${version ?? navigator.userAgent}\n`);
	const image = await play(bytes, Number(asked.get("tick") ?? -1), (lines) => {
		const text = lines.map((line) => `${line}\n`).join("");
		sending = sending.then(() => post("said", text));
	});
	await sending;
	if (image) await post("image", image);
	await post("over", "");
}
