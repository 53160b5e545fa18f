import type { RoomAnswer } from "../protocol/admin-answers.ts";
import { tell } from "./admin-api.ts";
import { armedButton, element, setText } from "./element.ts";
import { count, ms } from "./format.ts";

/** What the server says of a swap: as `hotstep swap --json` prints it. */
interface Deployment {
	readonly policy: string;
	readonly version: number;
	readonly hash: string;
	readonly migration: readonly string[];
	readonly trials: readonly {
		readonly room: string;
		readonly ticks: number;
		readonly meanTickMs: number;
		readonly maxTickMs: number;
		readonly maxFuel: number;
	}[];
	readonly swapped: readonly string[];
	readonly refused: readonly { room: string; error: string; detail: string }[];
	readonly maxPauseMs: number;
}

function cells(tag: "td" | "th", texts: readonly string[]): HTMLElement {
	return element("tr", {}, ...texts.map((text) => element(tag, {}, text)));
}

/** The report of a deployment, or of the trials alone. */
function reportOf(deployment: Deployment): HTMLElement[] {
	const { policy, version, hash, migration, trials, swapped, refused, maxPauseMs } = deployment;
	const said =
		policy === "try"
			? `v${version} passed its trials. Nothing has changed.`
			: `v${version} went into ${count(swapped.length)} ${swapped.length === 1 ? "room" : "rooms"}, for ${ms(maxPauseMs)} at most.`;
	const parts: HTMLElement[] = [element("p", { class: "said" }, said)];
	if (trials.length > 0) {
		const head = cells("th", ["Tried on", "Ticks", "Mean tick", "Longest", "Most fuel"]);
		const rows = trials.map((trial) =>
			cells("td", [
				trial.room,
				count(trial.ticks),
				ms(trial.meanTickMs),
				ms(trial.maxTickMs),
				count(trial.maxFuel),
			]),
		);
		const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
		parts.push(element("div", { class: "wide" }, table));
	}
	if (migration.length > 0) parts.push(element("pre", {}, migration.join("\n")));
	for (const { room, error, detail } of refused) {
		parts.push(element("p", { class: "problem" }, `Room ${room} stays: ${error}: ${detail}`));
	}
	parts.push(element("p", { class: "hash" }, hash));
	return parts;
}

/** Puts new rules into rooms, and takes them back. */
export class RulesPanel {
	readonly node: HTMLElement;
	private readonly now = element("p");
	private readonly files = element("input", {
		id: "rules-files",
		type: "file",
		accept: ".wasm,.map",
		multiple: true,
	});
	private readonly report = element("div", { class: "report", role: "status" });
	private readonly buttons: HTMLButtonElement[];
	private readonly back: HTMLButtonElement;
	private game = "";
	private hasPrevious = false;

	constructor() {
		const attempt = element("button", { type: "button", "data-policy": "try" }, "Try");
		attempt.title = "Runs the trials; nothing changes";
		attempt.addEventListener("click", () => void this.deploy("try"));
		const policy = (label: string, question: string, name: string, title: string) => {
			const button = armedButton(label, question, () => void this.deploy(name));
			button.dataset.policy = name;
			button.title = title;
			return button;
		};
		this.back = armedButton("Roll back", "Really roll back?", () => void this.rollBack());
		this.back.dataset.policy = "rollback";
		this.buttons = [
			attempt,
			policy("New rooms", "For new rooms?", "pin", "Running rooms finish on their rules"),
			policy("Canary", "Change one room?", "canary", "Changes the fullest room"),
			policy("Live", "Change all rooms?", "live", "Changes every room, and new ones"),
		];
		this.node = element(
			"section",
			{ class: "rules panel" },
			element("h2", {}, "Rules"),
			this.now,
			element("label", { for: "rules-files" }, "Module (.wasm), and its source map"),
			this.files,
			element("div", { class: "buttons" }, ...this.buttons, this.back),
			this.report,
		);
		this.files.addEventListener("change", () => this.enable(true));
		this.enable(true);
	}

	update({ room, current, previous }: RoomAnswer): void {
		this.game = room.game;
		this.hasPrevious = previous !== null;
		const news = current?.hash === room.hash ? "new rooms too" : `new rooms v${current?.version}`;
		setText(this.now, `This room runs v${room.version}, ${news}. ${room.hash.slice(0, 12)}`);
		if (this.report.getAttribute("aria-busy") !== "true") this.enable(true);
	}

	private enable(isAllowed: boolean): void {
		const isOn = isAllowed && this.game !== "";
		const hasFile = this.files.files?.length !== 0;
		for (const button of this.buttons) button.disabled = !isOn || !hasFile;
		this.back.disabled = !isOn || !this.hasPrevious;
	}

	private async deploy(policy: string): Promise<void> {
		const files = [...(this.files.files ?? [])];
		const wasm = files.find((file) => !file.name.endsWith(".map"));
		const map = files.find((file) => file.name.endsWith(".map"));
		if (!wasm) {
			this.say(element("p", { class: "problem" }, "Choose a module: a file that ends in .wasm."));
			return;
		}
		const body = new Blob(map ? [wasm, map] : [wasm]);
		const headers = { "x-hotstep-map-bytes": String(map?.size ?? 0) };
		await this.run("Trying …", `swap?policy=${policy}`, body, headers);
	}

	private rollBack(): Promise<void> {
		return this.run("Going back …", "rollback", null, {});
	}

	private async run(
		words: string,
		action: string,
		body: Blob | null,
		headers: Readonly<Record<string, string>>,
	): Promise<void> {
		this.enable(false);
		this.report.setAttribute("aria-busy", "true");
		this.say(element("p", {}, words));
		try {
			const path = `games/${encodeURIComponent(this.game)}/${action}`;
			this.say(...reportOf(await tell<Deployment>(path, body, headers)));
		} catch (thrown) {
			this.say(element("pre", { class: "problem" }, (thrown as Error).message));
		} finally {
			this.report.removeAttribute("aria-busy");
			this.enable(true);
		}
	}

	private say(...nodes: readonly HTMLElement[]): void {
		this.report.replaceChildren(...nodes);
	}
}
