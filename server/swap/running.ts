/** A deployment or rollback under way. */
export class Running {
	/** Settles when it is over. */
	readonly ended: Promise<void>;
	/** An operator wants it undone. */
	isCancelled = false;
	/** It is done, and can be rolled back. */
	stands = false;
	/** Hash of its rules, from when rooms get them. */
	hash: string | null = null;
	/** Why a room failed with them meanwhile. */
	failure: string | null = null;

	constructor(ended: Promise<void>) {
		this.ended = ended;
	}
}
