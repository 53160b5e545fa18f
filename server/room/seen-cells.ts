import { CELLS } from "../../protocol/codec/cell-index.ts";
import type { SnapshotEncoder } from "../snapshot/snapshot-encoder.ts";
import type { Viewer } from "./viewer.ts";

/** The cells that one viewer saw in its last snapshot, and those that it sees now, the nearest first. */
export class SeenCells {
	readonly before = new Uint16Array(CELLS);
	readonly now = new Uint16Array(CELLS);
	beforeCount = 0;
	nowCount = 0;
	/** 1 for each cell of `before`, 1 for each of `now`. */
	readonly was = new Uint8Array(CELLS);
	readonly is = new Uint8Array(CELLS);

	/** Looks with the eyes of `viewer`, from where it stood and from `focus`. `close` must follow. */
	open(encoder: SnapshotEncoder, viewer: Viewer, focus: number): void {
		const { before, now, was, is } = this;
		this.beforeCount = viewer.sentTick < 0 ? 0 : encoder.windowOf(viewer.focus, before);
		this.nowCount = encoder.windowOf(focus, now);
		for (let i = 0; i < this.beforeCount; i++) was[before[i]] = 1;
		for (let i = 0; i < this.nowCount; i++) is[now[i]] = 1;
	}

	/** The viewer has nothing of what it saw. */
	forgetBefore(): void {
		this.was.fill(0);
	}

	/** Clears the marks; cell by cell, for a window is small and a grid is not. */
	close(): void {
		const { before, now, was, is } = this;
		for (let i = 0; i < this.beforeCount; i++) was[before[i]] = 0;
		for (let i = 0; i < this.nowCount; i++) is[now[i]] = 0;
	}
}
