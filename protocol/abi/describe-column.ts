import { LIMITS } from "../limits.ts";
import type { Circle, ColumnSpec, Quantisation } from "../schema/column.ts";
import { is64Bit, isFloat, type ScalarName, scalarBytes } from "../schema/scalar.ts";
import { type DescriptorReader, refuse } from "./descriptor-reader.ts";
import { COLUMN_FLAG, FIELD, INTERPOLATION_CODES, QUANTISATION_CODES } from "./layout.ts";

export interface DescribedColumn extends ColumnSpec {
	readonly name: string;
	/** Address of row 0. */
	readonly address: number;
}

/** The properties of a client's view of a table, besides its columns. */
const TAKEN: ReadonlySet<string> = new Set(["gen", "used", "capacity"]);

/** The circle on which a column's values lie, or null. */
function readCircle(r: DescriptorReader, p: number, what: string): Circle | null {
	const [size, from] = [r.f32(p + FIELD.wrapSize), r.f32(p + FIELD.wrapFrom)];
	if (size === 0 && from === 0) return null;
	if (size > 0 && Number.isFinite(size) && Number.isFinite(from)) return { size, from };
	refuse("ERR_DESCRIPTOR_TYPE", `${what}: wraps after ${size} from ${from}`);
}

/** A column's flags, each as a boolean. */
function readFlags(r: DescriptorReader, p: number) {
	const flags = r.u8(p + FIELD.flags);
	const has = (flag: number): boolean => (flags & flag) !== 0;
	return {
		private: has(COLUMN_FLAG.private),
		owner: has(COLUMN_FLAG.owner),
		ownerOnly: has(COLUMN_FLAG.ownerOnly),
		rewound: has(COLUMN_FLAG.rewound),
		jumps: has(COLUMN_FLAG.jumps),
		axisX: has(COLUMN_FLAG.axisX),
		axisY: has(COLUMN_FLAG.axisY),
	};
}

function checkFlags(flags: ReturnType<typeof readFlags>, type: ScalarName, what: string): void {
	const { owner, ownerOnly, axisX, axisY, jumps } = flags;
	if (is64Bit(type) && !flags.private) {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: ${type} must be private, the wire carries 32 bits`);
	}
	if (owner && isFloat(type)) refuse("ERR_DESCRIPTOR_TYPE", `${what}: a ${type} owns no row`);
	if (ownerOnly && !flags.private) {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: what only an owner gets must be private`);
	}
	if ((axisX || axisY) && (type !== "f32" || axisX === axisY)) {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: an axis is one of x, y, and f32`);
	}
	if (jumps && (type !== "u8" || flags.private || owner)) {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: jumps are counted in a u8 that everybody gets`);
	}
}

/** How the column's numbers travel and are shown. */
function readTreatment(r: DescriptorReader, p: number, type: ScalarName, what: string) {
	const interpolation = INTERPOLATION_CODES[r.u8(p + FIELD.interpolation)];
	const kind = QUANTISATION_CODES[r.u8(p + FIELD.quantisation)];
	if (interpolation === undefined || kind === undefined) {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: unknown interpolation or quantisation`);
	}
	if (kind !== "exact" && type !== "f32") {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: a quantised column must be f32, not ${type}`);
	}
	const wrap = readCircle(r, p, what);
	if (wrap && (!isFloat(type) || kind === "angle" || interpolation === "angle")) {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: only a float that is no angle can wrap`);
	}
	return { interpolation, wrap, quantisation: readQuantisation(r, p, kind, what) };
}

function readQuantisation(
	r: DescriptorReader,
	p: number,
	kind: Quantisation["kind"],
	what: string,
): Quantisation {
	const step = r.f32(p + FIELD.step);
	const bits = r.u32(p + FIELD.bits);
	if (kind === "step" && !(step > 0 && Number.isFinite(step))) {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: quantisation step ${step}`);
	}
	if (kind === "angle" && (bits < 2 || bits > LIMITS.angleBits)) {
		refuse("ERR_DESCRIPTOR_TYPE", `${what}: ${bits} bits for an angle`);
	}
	return kind === "step" ? { kind, step } : kind === "angle" ? { kind, bits } : { kind };
}

/** Reads one column struct of a table at `p`, and checks it. */
export function readColumn(
	r: DescriptorReader,
	p: number,
	table: string,
	capacity: number,
): DescribedColumn {
	const name = r.name(r.u32(p + FIELD.name), `a column of ${table}`);
	const what = `${table}.${name}`;
	if (TAKEN.has(name)) refuse("ERR_DESCRIPTOR_NAME", `${what}: a table's view has that already`);
	const type = r.scalar(p + FIELD.type, what);
	const bytes = scalarBytes(type);
	const stride = r.u32(p + FIELD.stride);
	if (stride !== bytes) {
		refuse("ERR_DESCRIPTOR_STRIDE", `${what}: stride ${stride}, but ${type} is ${bytes} bytes`);
	}
	const { axisX, axisY, ...flags } = readFlags(r, p);
	checkFlags({ axisX, axisY, ...flags }, type, what);
	const treatment = readTreatment(r, p, type, what);
	return {
		name,
		type,
		address: r.claim(r.u32(p + FIELD.data), capacity * bytes, bytes, what),
		...treatment,
		...flags,
		axis: axisX ? "x" : axisY ? "y" : null,
		default: r.default(p + FIELD.default, type),
		was: r.optionalName(r.u32(p + FIELD.was), `${what}.was`),
	};
}
