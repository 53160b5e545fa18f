import { copyImage, createImage, type Image } from "../../protocol/abi/image.ts";
import type { Fault, Simulation } from "../../protocol/abi/simulation.ts";
import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { SERVER_LIMITS } from "../limits.ts";
import type { GameModule } from "../module/game-module.ts";
import { runTick, type Stretch } from "./stretch.ts";

/** Marks a tick that was aborted: its inbox never reached the state. */
const ABORTED = 0xffff_ffff;

/** An image and the inboxes of the ticks after it. */
interface Segment {
	/** Tick that the image is from *before*: replaying starts with this one. */
	firstTick: number;
	readonly image: Image;
	/** Bytes of each tick's inbox, or ABORTED. */
	readonly lengths: number[];
	readonly inboxes: ByteWriter;
}

interface HistoryOptions {
	/** Ticks between two images at least. */
	imageEvery: number;
	/** And the maximum, if they are cheap to run again. */
	imageWithin: number;
	/** Ticks that must stay reachable. */
	keep: number;
}

/**
 * What a room remembers of itself: images at intervals and every inbox since. Any recent state can be
 * reached again by restoring an image and running the ticks after it, since nothing else ever reaches a
 * module. An image before each tick would cost more than the tick of a small game; see
 * docs/decisions/images-at-intervals.md.
 */
export class History {
	private readonly options: HistoryOptions;
	private segments: Segment[] = [];
	private readonly spare: Segment[] = [];
	private ticksSinceImage = 0;
	private fuelSinceImage = 0;

	constructor(options: HistoryOptions) {
		this.options = options;
	}

	/** Oldest tick from which the present can be reached again. */
	get firstTick(): number {
		return this.segments[0]?.firstTick ?? 0;
	}

	/** Bytes held, images included. */
	get bytes(): number {
		return this.segments.reduce((sum, s) => sum + s.image.bytes.length + s.inboxes.bytes.length, 0);
	}

	/** Before a tick: saves an image if one is due. `tick` is the one about to run. */
	beforeTick(simulation: Simulation, tick: number): void {
		this.fuelSinceImage += simulation.fuelSpent;
		if (this.segments.length === 0 || this.isImageDue) this.saveImage(simulation, tick);
	}

	private get isImageDue(): boolean {
		const { imageEvery, imageWithin } = this.options;
		const isDear = this.fuelSinceImage >= SERVER_LIMITS.imageFuel;
		return this.ticksSinceImage >= (isDear ? imageEvery : imageWithin);
	}

	/** Saves an image now, due or not: a swap begins with one. */
	saveImage(simulation: Simulation, tick: number): void {
		const segment = this.spare.pop() ?? {
			firstTick: 0,
			image: createImage(),
			lengths: [],
			inboxes: new ByteWriter(4096),
		};
		segment.firstTick = tick;
		segment.lengths.length = 0;
		segment.inboxes.length = 0;
		simulation.save(segment.image);
		this.segments.push(segment);
		this.ticksSinceImage = 0;
		this.fuelSinceImage = 0;
		// the second one reaches back far enough: the first is no longer needed
		while ((this.segments[1]?.firstTick ?? tick) <= tick - this.options.keep) {
			this.spare.push(this.segments.shift() as Segment);
		}
	}

	/** The inbox that a tick is about to run on. */
	record(inbox: Uint8Array): void {
		const segment = this.segments.at(-1) as Segment;
		segment.lengths.push(inbox.length);
		segment.inboxes.ensure(inbox.length);
		segment.inboxes.bytes.set(inbox, segment.inboxes.length);
		segment.inboxes.length += inbox.length;
		this.ticksSinceImage++;
	}

	/** The inbox of the tick just recorded; a view, valid until the next one. */
	get lastInbox(): Uint8Array {
		const { lengths, inboxes } = this.segments.at(-1) as Segment;
		return inboxes.bytes.subarray(inboxes.length - (lengths.at(-1) as number), inboxes.length);
	}

	/**
	 * The tick just recorded failed. Returns a copy of its inbox: the module may have overwritten its
	 * own.
	 */
	abortLast(): Uint8Array {
		const segment = this.segments.at(-1) as Segment;
		const end = segment.inboxes.length;
		segment.inboxes.length -= segment.lengths.pop() as number;
		segment.lengths.push(ABORTED);
		return segment.inboxes.bytes.slice(segment.inboxes.length, end);
	}

	/** The tick just aborted is computed once more, later: it leaves no place behind. */
	forgetLast(): void {
		(this.segments.at(-1) as Segment).lengths.pop();
		this.ticksSinceImage--;
	}

	/** The tick just aborted took effect after all, on another inbox. */
	replaceLast(inbox: Uint8Array): void {
		this.forgetLast();
		this.record(inbox);
	}

	/** Forgets everything: the next tick begins with an image. */
	clear(): void {
		this.spare.push(...this.segments);
		this.segments = [];
	}

	/**
	 * Brings `simulation` to the state before `tick`, from the newest image at or before it.
	 * Returns the fault of a tick that would not run again, which determinism rules out.
	 */
	rewind(simulation: Simulation, tick: number): Fault | null {
		const segment = this.segments.findLast((s) => s.firstTick <= tick);
		if (!segment) return { kind: "status", detail: `tick ${tick} is no longer remembered` };
		simulation.restore(segment.image);
		let fault: Fault | null = null;
		this.forEachInbox(segment.firstTick, tick, (at, inbox) => {
			if (fault || inbox === null) return;
			fault = runTick(simulation, at, inbox);
		});
		return fault;
	}

	/** Calls `visit` with the inbox of each remembered tick in `[from, to)`, null for an aborted one. */
	forEachInbox(
		from: number,
		to: number,
		visit: (tick: number, inbox: Uint8Array | null) => void,
	): void {
		for (const { firstTick, lengths, inboxes } of this.segments) {
			let at = 0;
			for (let i = 0; i < lengths.length; i++) {
				const length = lengths[i];
				const tick = firstTick + i;
				const inbox = length === ABORTED ? null : inboxes.bytes.subarray(at, at + length);
				if (inbox) at += length;
				if (tick >= from && tick < to) visit(tick, inbox);
			}
		}
	}

	/**
	 * Copies of what is needed to reach the state before `tick`: the newest image at or before it, and
	 * the inboxes since.
	 */
	excerpt(tick: number): Stretch | null {
		const segment = this.segments.findLast((s) => s.firstTick <= tick);
		return segment ? this.copyFrom(segment, tick) : null;
	}

	/** Everything remembered up to the state before `tick`: what a trial of other rules plays. */
	whole(tick: number): Stretch | null {
		const [segment] = this.segments;
		return segment ? this.copyFrom(segment, tick) : null;
	}

	/** What is remembered from an image of `firstTick` up to the state before `tick`; null without such an image. */
	since(firstTick: number, tick: number): Stretch | null {
		const segment = this.segments.find((s) => s.firstTick === firstTick);
		return segment ? this.copyFrom(segment, tick) : null;
	}

	/** Takes over a history from another process, before anything happens here. */
	adopt({ firstTick, image, inboxes }: Stretch): void {
		const segment: Segment = {
			firstTick,
			image: copyImage(image),
			lengths: [],
			inboxes: new ByteWriter(4096),
		};
		this.segments.push(segment);
		for (const inbox of inboxes) {
			this.record(inbox ?? new Uint8Array(0));
			if (inbox === null) this.abortLast();
		}
	}

	private copyFrom({ firstTick, image }: Segment, tick: number): Stretch {
		const inboxes: (Uint8Array | null)[] = [];
		this.forEachInbox(firstTick, tick, (_, inbox) => inboxes.push(inbox?.slice() ?? null));
		return { firstTick, image: copyImage(image), inboxes };
	}

	/** Tick of the oldest image, null before there is one. */
	get oldestImageTick(): number | null {
		return this.segments[0]?.firstTick ?? null;
	}
}

/** A history long enough for the trial of a swap, and for a probation of `probationMs`, at the game's own rate. */
export function createHistory({ descriptor }: GameModule, probationMs = 0): History {
	const ticks = (ms: number): number => Math.ceil((ms * descriptor.tickRate) / 1000);
	return new History({
		imageEvery: ticks(SERVER_LIMITS.imageMs),
		imageWithin: ticks(SERVER_LIMITS.lastingImageMs),
		keep: ticks(Math.max(SERVER_LIMITS.historyMs, probationMs)),
	});
}
