import { SeededRandom } from "../../protocol/seeded-random.ts";
import { GameDriver } from "./game-driver.ts";

/** All that is seen of one tick: the messages in the outbox, and now and then the hash of the state. */
export type Heard = (string | number)[];

/** A game of orbs that writes down what it sends. */
class Listener extends GameDriver {
	readonly heard: Heard[] = [];

	hold(player: number, bytes: Uint8Array, viewAge: number): void {
		if (!this.held.has(player)) return;
		this.held.set(player, bytes);
		this.setViewAge(player, viewAge);
	}

	/** A new module takes the place of this one, with the columns and nothing else. */
	static after(module: WebAssembly.Module, before: Listener): Listener {
		const next = new Listener(module, 0);
		next.takeOver(before);
		next.heard.push(...before.heard);
		const fault = next.simulation.migrated(1, next.tick);
		if (fault) throw new Error(fault.detail);
		return next;
	}

	protected override ticked(): void {
		const { outbox, outboxLength } = this.simulation;
		const said: Heard = [];
		const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
		// what lies between the fields of "hit" is nobody's
		const fields = (event: number, bytes: Uint8Array): string =>
			event === 0
				? hex(bytes.subarray(0, 1)) + hex(bytes.subarray(4))
				: hex(bytes.subarray(0, event === 1 ? 1 : 0)) + hex(bytes.subarray(2, event === 1 ? 4 : 2));
		const problem = outbox.read(outboxLength, {
			event: (event, player, bytes) =>
				said.push(`event ${event} ${player} ${fields(event, bytes)}`),
			eventNear: (event, x, y, radius, bytes) =>
				said.push(`near ${event} ${x} ${y} ${radius} ${fields(event, bytes)}`),
			refuse: (player, reason) => said.push(`refuse ${player} ${reason}`),
			kick: (player, reason) => said.push(`kick ${player} ${reason}`),
			effect: (effect) => said.push(`effect ${effect}`),
		});
		if (problem) throw new Error(problem);
		if (this.tick % 20 === 0) said.push(this.hash());
		this.heard.push(said);
	}
}

function randomInput(random: SeededRandom, looksBack: boolean): Uint8Array {
	const bytes = new Uint8Array(16);
	const view = new DataView(bytes.buffer);
	view.setInt8(0, random.below(256) - 128);
	view.setInt8(1, random.below(256) - 128);
	view.setUint8(2, Number(looksBack && random.chance(0.5)));
	view.setFloat32(4, random.between(-6, 6), true);
	view.setBigUint64(
		8,
		BigInt(random.chance(0.02) ? 13 : random.u32()) << BigInt(random.below(2) * 32),
		true,
	);
	return bytes;
}

/**
 * Plays a match of `ticks` ticks on the modules in turn, `ticks / modules` on each, and gives all that was
 * heard. The players are the same for the same seed. Without `looksBack` nobody fires: what a module remembers of
 * the last ticks does not go over to the next one.
 */
export function playOrbs(
	modules: readonly WebAssembly.Module[],
	{ seed, ticks, looksBack }: { seed: number; ticks: number; looksBack: boolean },
): Heard[] {
	const random = new SeededRandom(seed);
	let game = new Listener(modules[0] as WebAssembly.Module, seed);
	const isIn = new Set<number>();
	for (let tick = 0; tick < ticks; tick++) {
		const turn = Math.floor((tick * modules.length) / ticks);
		if (tick > 0 && turn !== Math.floor(((tick - 1) * modules.length) / ticks)) {
			game = Listener.after(modules[turn] as WebAssembly.Module, game);
		}
		const player = random.below(8);
		if (random.chance(0.05)) {
			if (isIn.has(player)) game.leave(player);
			else game.join(player);
			isIn[isIn.has(player) ? "delete" : "add"](player);
		}
		const input = randomInput(random, looksBack);
		game.hold(player, input, looksBack ? random.below(14 * 256) : 0);
		game.run(1);
	}
	return game.heard;
}
