import { ConnectError, connect, type OpenTransport } from "../../client/index.ts";
import type arena from "../../game-logic/arena/schema.ts";
import { isFinal } from "../../protocol/errors.ts";
import type { ArenaRoom } from "../draw/scene.ts";

const RETRY_MS = 1500;

interface SeatEvents {
	seated(room: ArenaRoom): void;
	/** Nobody answered; the next try comes by itself. */
	unreachable(error: string): void;
	refused(error: string): void;
}

/** Takes a seat on the server, as often as it takes. A new attempt puts an end to the one before. */
export class SeatTaker {
	private readonly events: SeatEvents;
	private readonly open: OpenTransport;
	private attempt = 0;

	constructor(events: SeatEvents, open: OpenTransport) {
		this.events = events;
		this.open = open;
	}

	async take(url: string, name: string, room: string | null): Promise<void> {
		const attempt = ++this.attempt;
		const isCurrent = (): boolean => attempt === this.attempt;
		while (isCurrent()) {
			try {
				const { open } = this;
				const seat = await connect<typeof arena>(url, { game: "arena", name, room, open });
				if (isCurrent()) this.events.seated(seat);
				else seat.leave();
				return;
			} catch (thrown) {
				if (!isCurrent()) return;
				const error = thrown instanceof ConnectError ? thrown.name : "ERR_NETWORK";
				if (isFinal(error)) {
					this.events.refused(error);
					return;
				}
				this.events.unreachable(error);
			}
			await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
		}
	}

	giveUp(): void {
		this.attempt++;
	}
}
