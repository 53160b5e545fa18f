import type { RecordSpec } from "../../protocol/schema/define-game.ts";
import { InputRing } from "../input/input-ring.ts";
import type { Viewer } from "./viewer.ts";

/** A taken seat: lives from the hello to the tick that delivers the leave, through lost connections. */
export class Player {
	readonly number: number;
	readonly name: string;
	/** SHA-256, hex, of the token, which entitles its holder to the seat. */
	readonly tokenHash: string;
	readonly inputs: InputRing;
	/** The viewer that sees as this player; null while the seat is only held. */
	viewer: Viewer | null = null;
	/** Since when the seat is only held, ms. */
	heldSinceMs = 0;
	/** The module has been told of the join. */
	isJoined = false;
	/** Gone: the module will be told in the next tick. */
	isLeaving = false;
	leaveReason = 0;

	constructor(number: number, name: string, tokenHash: string, input: RecordSpec) {
		this.number = number;
		this.name = name;
		this.tokenHash = tokenHash;
		this.inputs = new InputRing(input);
	}
}
