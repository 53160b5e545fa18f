import type { Refusal } from "../../../protocol/refusal.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import { wholeNumber } from "../../read-value.ts";
import { ROOM_ORDERS, type RoomQuery } from "./choose-rooms.ts";

/** Which rooms an overview is to list. */
interface OverviewQuery {
	readonly offset: number;
	readonly limit: number;
	readonly rooms: RoomQuery;
}

/** A whole number of the query within `[0, most]`, or null for anything else. */
export function readNumber(query: URLSearchParams, name: string, otherwise: number, most: number) {
	const text = query.get(name);
	if (text === null) return otherwise;
	return wholeNumber(text, most);
}

/** Reads `?offset=&limit=&search=&sort=&only=`, or says what is wrong with it. */
export function readOverviewQuery(
	query: URLSearchParams,
): OverviewQuery | Refusal<"ERR_ADMIN_QUERY"> {
	const offset = readNumber(query, "offset", 0, SERVER_LIMITS.rooms);
	const limit = readNumber(query, "limit", SERVER_LIMITS.adminRooms, SERVER_LIMITS.adminRooms);
	if (offset === null || limit === null) {
		const detail = `offset and limit are whole numbers, up to ${SERVER_LIMITS.adminRooms}`;
		return { error: "ERR_ADMIN_QUERY", detail };
	}
	const search = query.get("search") ?? "";
	const wanted = query.get("sort") ?? "opened";
	const sort = ROOM_ORDERS.find((order) => order === wanted);
	if (!sort || search.length > SERVER_LIMITS.adminSearchChars) {
		const orders = ROOM_ORDERS.join(", ");
		const detail = `sort is one of ${orders}; search has ${SERVER_LIMITS.adminSearchChars} characters at most`;
		return { error: "ERR_ADMIN_QUERY", detail };
	}
	return { offset, limit, rooms: { search, sort, only: query.get("only") ?? "" } };
}
