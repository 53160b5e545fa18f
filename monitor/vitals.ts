import type { Overview } from "../protocol/admin-answers.ts";
import { element, setText } from "./element.ts";
import { bytes, count, duration, ms, percent } from "./format.ts";
import { logWords } from "./workers-panel.ts";

const NAMES = [
	"CPU",
	"Loop lag p99",
	"Memory",
	"Heap",
	"Connections",
	"Rooms",
	"Room log",
	"Up",
] as const;

/** How the process does, in one line. */
export class Vitals {
	private readonly cells = new Map<string, HTMLElement>();
	private lastCpu: { seconds: number; timeMs: number } | null = null;

	constructor(list: HTMLElement) {
		for (const name of NAMES) {
			const cell = element("dd", {}, "–");
			this.cells.set(name, cell);
			list.append(element("div", {}, element("dt", {}, name), cell));
		}
	}

	update({ process, timeMs, connections, roomCount, roomLog, uptimeSeconds }: Overview): void {
		const { lastCpu } = this;
		if (lastCpu && timeMs > lastCpu.timeMs) {
			const share = (process.cpuSeconds - lastCpu.seconds) / ((timeMs - lastCpu.timeMs) / 1000);
			this.set("CPU", percent(share));
		}
		this.lastCpu = { seconds: process.cpuSeconds, timeMs };
		this.set("Loop lag p99", ms(process.loopP99Ms));
		this.set("Memory", bytes(process.rssBytes));
		this.set("Heap", bytes(process.heapBytes));
		this.set("Connections", count(connections));
		this.set("Rooms", count(roomCount));
		this.set("Room log", logWords(roomLog));
		const isUnheld = roomLog !== null && !roomLog.isHeld;
		this.cells.get("Room log")?.classList.toggle("alarm", isUnheld);
		this.set("Up", duration(uptimeSeconds));
	}

	private set(name: string, text: string): void {
		const cell = this.cells.get(name);
		if (cell) setText(cell, text);
	}
}
