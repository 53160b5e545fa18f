import { SEALED } from "../../protocol/abi/layout.ts";
import { sealModule } from "../../server/module/seal/seal-module.ts";

/** What a module did, as far as anybody can tell from outside. */
export interface Behaviour {
	/** Results of each call, or the trap that ended it. */
	readonly calls: readonly string[];
	readonly memory: Uint8Array;
	/** Values of the globals that the raw module exports. */
	readonly globals: readonly string[];
	readonly fuelSpent: number;
	readonly isOutOfFuel: boolean;
}

const AMPLE = 2_000_000_000;

function call(run: () => unknown): string {
	try {
		return (
			JSON.stringify(run(), (_, value) => (typeof value === "bigint" ? `${value}n` : value)) ?? ""
		);
	} catch (thrown) {
		const { name, message } = thrown as Error;
		return `${name}: ${message}`;
	}
}

/** Runs a module's exported functions twice each. `fuel` is what it may spend in all, if sealed. */
export function behaviour(bytes: Uint8Array<ArrayBuffer>, fuel = AMPLE): Behaviour {
	const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes));
	const all = instance.exports as Record<string, unknown>;
	const meter = all[SEALED.fuel] as WebAssembly.Global | undefined;
	if (meter) meter.value = fuel;
	const names = Object.keys(all);
	const functions = names.filter((name) => typeof all[name] === "function");
	const calls = [...functions, ...functions].map((name) =>
		(meter?.value ?? 1) < 0 ? "" : call(all[name] as () => unknown),
	);
	const left = (meter?.value as number | undefined) ?? fuel;
	return {
		calls,
		memory: new Uint8Array((all.memory as WebAssembly.Memory).buffer).slice(),
		globals: names
			.filter((name) => all[name] instanceof WebAssembly.Global && !name.startsWith("hs:"))
			.map((name) => `${name} ${(all[name] as WebAssembly.Global).value}`),
		fuelSpent: fuel - left,
		isOutOfFuel: left < 0,
	};
}

function differs(a: Behaviour, b: Behaviour): string | null {
	if (a.calls.join("; ") !== b.calls.join("; ")) return `${a.calls} | ${b.calls}`;
	if (a.globals.join() !== b.globals.join()) return `${a.globals} | ${b.globals}`;
	if (a.memory.length !== b.memory.length) return `${a.memory.length} and ${b.memory.length} bytes`;
	const at = a.memory.findIndex((byte, i) => byte !== b.memory[i]);
	return at < 0 ? null : `memory differs at ${at}`;
}

/** The least fuel for one step of `RandomCode`: it gets, adds to and sets a global. */
const STEP_FUEL = 6;

/**
 * Holds a valid module against its sealed twin: both must do the same; the twin must spend fuel for
 * all that it did, the same in every run, and stop at the same place when it has less. Returns what
 * is wrong, or null. `steps` names an exported counter of steps that must have been paid for. With
 * `isDeep` it may end otherwise than the raw one, since its stack is bounded, but not in a RangeError.
 */
export function checkSealing(
	raw: Uint8Array<ArrayBuffer>,
	{ steps = null, isDeep = false }: { steps?: string | null; isDeep?: boolean } = {},
): string | null {
	const result = sealModule(raw);
	if ("error" in result) return `refused: ${result.error}, ${result.detail}`;
	const { sealed } = result;
	if (!WebAssembly.validate(sealed)) return "it does not validate";
	const plain = behaviour(raw);
	const first = behaviour(sealed);
	const second = behaviour(sealed);
	// a few lengths of 4 GiB, each out of bounds, spend it all; our own generator makes none
	if (first.isOutOfFuel) return steps === null ? null : "ample fuel did not suffice";
	const difference = isDeep ? null : differs(plain, first);
	if (difference !== null) return `raw and sealed differ: ${difference}`;
	if (first.calls.some((text) => text.startsWith("RangeError")))
		return "the engine's stack ran out";
	if (first.fuelSpent !== second.fuelSpent)
		return `${first.fuelSpent} and ${second.fuelSpent} fuel`;
	if (first.calls.some((text) => text.includes("Error"))) return checkShortage(sealed, first);
	const counter = first.globals.find((text) => text.startsWith(`${steps} `));
	const taken = counter ? Number(counter.split(" ")[1]) : 0;
	if (first.fuelSpent < taken * STEP_FUEL) return `${first.fuelSpent} fuel for ${taken} steps`;
	return checkShortage(sealed, first);
}

function checkShortage(sealed: Uint8Array<ArrayBuffer>, full: Behaviour): string | null {
	// a function that keeps its fuel in a local has not written it back when it traps
	const isExact = !full.calls.some((text) => text.includes("Error"));
	if (isExact) {
		const exact = behaviour(sealed, full.fuelSpent);
		if (differs(full, exact) !== null || exact.isOutOfFuel) return "it stops with just enough fuel";
		if (!behaviour(sealed, full.fuelSpent - 1).isOutOfFuel) return "too little fuel suffices";
	}
	for (const fuel of [full.fuelSpent >> 1, full.fuelSpent >> 4]) {
		const once = behaviour(sealed, fuel);
		const again = behaviour(sealed, fuel);
		if (isExact && !once.isOutOfFuel)
			return `${fuel} fuel sufficed where ${full.fuelSpent} were spent`;
		const difference = differs(once, again);
		if (difference !== null) return `out of fuel at two places: ${difference}`;
	}
	return null;
}
