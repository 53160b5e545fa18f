import type { RecordSpec } from "../../protocol/schema/define-game.ts";
import { InputRing } from "../input/input-ring.ts";
import { EventBuffer } from "../snapshot/event-buffer.ts";
import type { ClientSink } from "./sink.ts";

/** A taken seat: lives from the hello to the tick that delivers the leave. */
export class Player {
	readonly number: number;
	readonly name: string;
	readonly sink: ClientSink;
	readonly inputs: InputRing;
	/** Events for this player alone. */
	readonly events = new EventBuffer();
	/** The module has been told of the join. */
	isJoined = false;
	/** Gone: the module will be told in the next tick. */
	isLeaving = false;
	leaveReason = 0;
	/** Tick of the last snapshot sent, -1 for none: then only a keyframe will do. */
	sentTick = -1;
	/** Tick of the last snapshot that the client says it applied. */
	ackTick = 0;
	/** When the client last got on with its snapshots, for those who never do. */
	progressMs: number;
	/** Has fallen behind; gets nothing until it has applied all that was sent. */
	isBehind = false;
	skippedSnapshots = 0;

	constructor(number: number, name: string, sink: ClientSink, input: RecordSpec, nowMs: number) {
		this.number = number;
		this.name = name;
		this.sink = sink;
		this.inputs = new InputRing(input);
		this.progressMs = nowMs;
	}
}
