import { connect, type Room } from "../../client/index.ts";
import type { SinkTarget } from "./sink.ts";
import type { SinkTally } from "./sink-tally.ts";

/** A client with the whole SDK: it decodes everything, plays at random, and is counted among sinks. */
export class WholeClient {
	private readonly room: Room;

	static async open(target: SinkTarget, index: number, tally: SinkTally): Promise<WholeClient> {
		const room = await connect(`ws://127.0.0.1:${target.port}`, {
			game: target.game,
			name: `player ${index}`,
			interpolate: false,
			reconnect: false,
			autoPump: false,
		});
		room.onStatus((status) => {
			if (status !== "playing") tally.lost++;
		});
		return new WholeClient(room);
	}

	private constructor(room: Room) {
		this.room = room;
	}

	/** Does something else, and sends what is due. */
	play(): void {
		const input = this.room.input as Record<string, number | boolean>;
		for (const [name, value] of Object.entries(input)) {
			input[name] = typeof value === "boolean" ? Math.random() < 0.5 : Math.round(Math.random());
		}
		this.room.pump();
	}

	get decodeErrors(): number {
		return this.room.decodeErrors;
	}
}
