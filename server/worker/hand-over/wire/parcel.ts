import { Decoder, Encoder } from "@msgpack/msgpack";
import type { Refusal } from "../../../../protocol/refusal.ts";
import type { Claim, Message } from "../messages.ts";
import { MOVE_REFUSALS } from "../move-refusal.ts";
import {
	CHUNK,
	FOLLOW,
	type FollowMaterial,
	type ImageChunk,
	PREPARE,
	type PrepareMaterial,
	REST,
	type RestMaterial,
} from "./material.ts";
import { oneOf, orNull, record, text, Unreadable, uint, type WireField } from "./wire-field.ts";
import { WIRE_LIMITS } from "./wire-limits.ts";

type Type = Message["type"];

interface Materials {
	readonly prepare: PrepareMaterial;
	readonly follow: FollowMaterial;
	readonly rest: RestMaterial;
}

/** A message with what it carries. */
export type Parcel =
	| {
			[T in Type]: {
				readonly message: Extract<Message, { type: T }>;
				readonly material: T extends keyof Materials ? Materials[T] : null;
			};
	  }[Type]
	| { readonly message: { readonly type: "chunk" }; readonly material: ImageChunk };

/** What came is no parcel. */
type ParcelProblem = Refusal<"ERR_WORKER_MESSAGE">;

const move = uint(Number.MAX_SAFE_INTEGER);
const epoch = uint(0xffff_ffff);
const term = uint(2 ** 21);
const tick = uint(0xffff_ffff);
const worker = text(WIRE_LIMITS.workerBytes);
const part = uint(WIRE_LIMITS.parts - 1);
const parts = uint(WIRE_LIMITS.parts);
const why = oneOf(MOVE_REFUSALS);

const CLAIMS = ["none", "owner", "restoring", "given"] as const;
const CLAIM_FIELDS = record({ kind: oneOf(CLAIMS), epoch, to: worker, move });

const claim: WireField<Claim> = {
	write: (value) => CLAIM_FIELDS.write({ epoch: 0, to: "", move: 0, ...value }),
	read: (raw) => {
		const { kind, ...rest } = CLAIM_FIELDS.read(raw);
		if (kind === "none") return { kind };
		return kind === "given" ? { kind, ...rest } : { kind, epoch: rest.epoch };
	},
};

type Shape<T extends Type> = WireField<Omit<Extract<Message, { type: T }>, "type">>;

/** One table for both ways: of each type its fields, in their order on the wire, and its material. */
const TYPES: {
	readonly [T in Type]: {
		readonly fields: Shape<T>;
		readonly material: T extends keyof Materials ? WireField<Materials[T]> : null;
	};
} = {
	prepare: { fields: record({ move, tick }), material: PREPARE },
	follow: { fields: record({ move, tick }), material: FOLLOW },
	rest: { fields: record({ move, tick }), material: REST },
	socket: { fields: record({ move, part, parts }), material: null },
	cancel: { fields: record({ move }), material: null },
	at: { fields: record({ move, tick }), material: null },
	ready: { fields: record({ move, tick }), material: null },
	failed: { fields: record({ move, why }), material: null },
	adopted: { fields: record({ move, part }), material: null },
	asked: { fields: record({ term, move, epoch, to: worker }), material: null },
	changed: { fields: record({ term, move, epoch }), material: null },
	refused: { fields: record({ term, move, epoch, owner: orNull(worker) }), material: null },
	owner: { fields: record({ term, move, epoch }), material: null },
	recover: { fields: record({ term, epoch }), material: null },
	report: { fields: record({ term }), material: null },
	change: { fields: record({ move, epoch, to: worker }), material: null },
	abandoned: { fields: record({ move, why }), material: null },
	doubt: { fields: record({ move }), material: null },
	done: { fields: record({ epoch }), material: null },
	lost: { fields: record({ epoch }), material: null },
	over: { fields: record({ epoch }), material: null },
	claim: { fields: record({ term, claim, floor: epoch }), material: null },
};

const type = oneOf([...(Object.keys(TYPES) as Type[]), "chunk"]);

const encoder = new Encoder();
const decoder = new Decoder({
	maxStrLength: WIRE_LIMITS.parcelBytes,
	maxBinLength: WIRE_LIMITS.parcelBytes,
	maxArrayLength: WIRE_LIMITS.parcelBytes,
	maxMapLength: 0,
	maxExtLength: 0,
});

/** The bytes of a parcel: a msgpack list of its type's number, its fields and its material. */
export function encodeParcel(parcel: Parcel): Uint8Array {
	const { message, material } = parcel;
	if (message.type === "chunk") {
		return encoder.encode([type.write("chunk"), null, CHUNK.write(material as ImageChunk)]);
	}
	const { fields, material: carried } = TYPES[message.type] as {
		fields: WireField<unknown>;
		material: WireField<unknown> | null;
	};
	return encoder.encode([
		type.write(message.type),
		fields.write(message),
		carried === null ? null : carried.write(material),
	]);
}

/** A parcel again, or what is wrong with it. Byte fields are parts of `bytes`, not copies. */
export function decodeParcel(bytes: Uint8Array): Parcel | ParcelProblem {
	if (bytes.length > WIRE_LIMITS.parcelBytes) return problem(`${bytes.length} bytes`);
	let raw: unknown;
	try {
		raw = decoder.decode(bytes);
	} catch (thrown) {
		return problem((thrown as Error).message);
	}
	try {
		if (!Array.isArray(raw)) return problem("no list");
		const [number, fields, material] = raw as unknown[];
		const name = type.read(number);
		if (name === "chunk") return { message: { type: name }, material: CHUNK.read(material) };
		const shape = TYPES[name] as {
			fields: WireField<object>;
			material: WireField<unknown> | null;
		};
		return {
			message: { type: name, ...shape.fields.read(fields) },
			material: shape.material === null ? null : shape.material.read(material),
		} as Parcel;
	} catch (thrown) {
		if (!(thrown instanceof Unreadable)) throw thrown;
		return problem(thrown.message);
	}
}

function problem(detail: string): ParcelProblem {
	return { error: "ERR_WORKER_MESSAGE", detail };
}
