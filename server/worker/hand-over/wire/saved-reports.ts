import type { MomentLine } from "../../../../protocol/admin-answers.ts";
import { LIMITS } from "../../../../protocol/limits.ts";
import { SERVER_LIMITS } from "../../../limits.ts";
import type { SavedFaults } from "../../../room/fault-log.ts";
import type { FaultReport } from "../../../room/fault-report.ts";
import type { SavedMoments } from "../../../room/moments.ts";
import { amount, type Check, count, fields, list, text, word } from "../../messages/checks.ts";
import { json } from "./wire-field.ts";
import { WIRE_LIMITS } from "./wire-limits.ts";

// what is only ever shown to people travels as JSON

const { reportBytes } = WIRE_LIMITS;
const line = text(reportBytes);

function orLeftOut<T>(check: Check<T>): Check<T | undefined> {
	return (value): value is T | undefined => value === undefined || check(value);
}

function both<A, B>(first: Check<A>, second: Check<B>): Check<readonly [A, B]> {
	return (value): value is readonly [A, B] =>
		Array.isArray(value) && value.length === 2 && first(value[0]) && second(value[1]);
}

const report = fields({
	kind: word("trap", "fuel", "status", "outbox", "invariant", "value"),
	detail: line,
	stack: orLeftOut(line),
	message: orLeftOut(line),
	room: text(LIMITS.clientStringBytes),
	tick: count,
	moduleHash: text(64),
	version: count,
	frames: list(line, WIRE_LIMITS.frames),
	inbox: text(2 * LIMITS.inboxBytes),
	fuelSpent: amount,
	outcome: fields({
		kind: word("retried", "postponed", "rolledBack", "shown", "paused", "closed"),
	}),
}) as Check<unknown> as Check<FaultReport>;

const kind = word(
	"join",
	"leave",
	"fault",
	"dropped",
	"swap",
	"rollback",
	"pause",
	"resume",
) satisfies Check<MomentLine["kind"]>;

export const FAULTS = json<SavedFaults>(
	fields({
		reports: list(report, SERVER_LIMITS.faultReports),
		repeated: list(
			both(line, fields({ firstTick: count, count, report })),
			SERVER_LIMITS.faultReports,
		),
	}),
	reportBytes,
);

export const MOMENTS = json<SavedMoments>(
	fields({
		list: list(
			fields({ kind, tick: count, toTick: count, count, detail: line }),
			SERVER_LIMITS.roomMoments,
		),
		last: list(both(kind, count), 8),
	}),
	reportBytes,
);
