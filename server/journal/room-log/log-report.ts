import type { LoggedRoom, RoomLogContents } from "./read-room-log.ts";

/** A room's line of the report. */
interface RoomLine {
	readonly id: string;
	readonly epoch: number;
	readonly game: string;
	readonly module: string;
	readonly series: string;
	/** The tick that comes next, the image that it is reached from, and ticks to run from there. */
	readonly tick: number;
	readonly imageTick: number | null;
	readonly behindImage: number;
	readonly imageBytes: number;
	readonly inboxBytes: number;
	readonly ticks: number;
	readonly images: number;
	readonly seats: readonly {
		number: number;
		name: string;
		user: string | null;
		heldUntil: string | null;
	}[];
}

/** What is in a log, for machines; hashes of tokens stay where they are. */
interface LogReport {
	readonly files: readonly {
		name: string;
		bytes: number;
		blocks: number;
		rooms: number;
		cutAt: number | null;
	}[];
	readonly rooms: readonly RoomLine[];
	readonly closed: readonly { id: string; epoch: number; tick: number; why: string }[];
	readonly refused: readonly { id: string; epoch: number; error: string; detail: string }[];
	readonly problems: readonly { error: string; detail: string; file: string; offset: number }[];
	readonly bytes: number;
}

function lineOf(room: LoggedRoom): RoomLine {
	const { id, epoch, game, moduleHash, series, ticks, images, stretch } = room;
	const { firstTick, image, inboxes } = stretch;
	return {
		...{ id, epoch, game, module: moduleHash, series, ticks, images },
		tick: firstTick + inboxes.length,
		imageTick: image === null ? null : firstTick,
		behindImage: inboxes.length,
		imageBytes: image?.length ?? 0,
		inboxBytes: inboxes.reduce((sum, inbox) => sum + (inbox?.length ?? 0), 0),
		seats: room.seats.map(({ number, name, user, heldUntilMs }) => ({
			...{ number, name, user },
			heldUntil: heldUntilMs === null ? null : new Date(heldUntilMs).toISOString(),
		})),
	};
}

export function reportOf(contents: RoomLogContents): LogReport {
	const { files, rooms, closed, refused, problems } = contents;
	return {
		files: files.map(({ name, bytes, blocks, cutAt, rooms: ids }) => ({
			...{ name, bytes, blocks, cutAt, rooms: ids.size },
		})),
		rooms: rooms.map(lineOf).sort((a, b) => (a.id < b.id ? -1 : 1)),
		closed,
		refused: refused.map(({ id, epoch, problem: { error, detail } }) => ({
			id,
			epoch,
			error,
			detail,
		})),
		problems,
		bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
	};
}

/** Names come from players: what a terminal would obey is not shown. */
function plain(text: string): string {
	return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
}

function showSeats({ seats }: RoomLine): string {
	if (seats.length === 0) return "nobody";
	return seats
		.map(({ name, heldUntil }) => (heldUntil ? `${name} (seat held until ${heldUntil})` : name))
		.join(", ");
}

/** The same for people. */
export function showReport({ files, rooms, closed, refused, problems, bytes }: LogReport): string {
	const lines: string[] = [];
	for (const { name, bytes: size, blocks, rooms: ids, cutAt } of files) {
		const cut = cutAt === null ? "" : `, cut off at byte ${cutAt}`;
		lines.push(`${name}  ${size} bytes, ${blocks} blocks, ${ids} rooms${cut}`);
	}
	for (const room of rooms) {
		const from = room.imageTick === null ? "the beginning" : `the image of tick ${room.imageTick}`;
		lines.push(
			"",
			`room ${room.id}, epoch ${room.epoch}, ${room.game} ${room.module.slice(0, 12)}, in ${room.series}`,
			`  tick ${room.tick}: ${from} (${room.imageBytes} bytes) and ${room.behindImage} ticks (${room.inboxBytes} bytes)`,
			`  in the log: ${room.ticks} ticks, ${room.images} images`,
			`  seats: ${showSeats(room)}`,
		);
	}
	if (closed.length > 0) lines.push("");
	for (const { id, epoch, tick, why } of closed) {
		lines.push(`room ${id}, epoch ${epoch}: over at tick ${tick} (${why})`);
	}
	if (refused.length + problems.length > 0) lines.push("");
	for (const { error, detail } of problems) lines.push(`DAMAGE: ${error}: ${detail}`);
	for (const { id, epoch, error, detail } of refused) {
		lines.push(`REFUSED: room ${id}, epoch ${epoch}: ${error}: ${detail}`);
	}
	const state = problems.length + refused.length === 0 ? "whole" : "DAMAGED";
	lines.push(
		"",
		`${rooms.length} rooms can be had again, ${refused.length} cannot, ${closed.length} are over; ${bytes} bytes: ${state}`,
	);
	return `${lines.map(plain).join("\n").trimStart()}\n`;
}
