import { swapRoom } from "../../../server/swap/swap-room.ts";
import { buildDots, recordMatch } from "../journal/journal-match.ts";

/** dots with columns of the types that no other game has, NaNs of many bits, and logged lines. */
export const ODD_DOTS: readonly (readonly [from: string, to: string])[] = [
	[
		"{ defineGame, f32, i8, u8 }",
		"{ bool, defineGame, f32, f64, i8, i16, i64, u8, u16, u32, u64 }",
	],
	[
		"y: f32().quantize(1 / 16) }",
		`y: f32().quantize(1 / 16),
		odd: f32().private(), odder: f64().private(), far: i64({ default: -5 }).private(),
		wide: u64({ default: 7 }).private(),
		low: i8({ default: -3 }), half: i16({ default: -300 }), port: u16({ default: 65535 }), on: bool,
		all: u32({ default: 4294967295 }) }`,
	],
	[
		"dot.y[i] += ",
		`const bits = (ctx.tick * 2654435761) & 0x003fffff;
		dot.odd[i] = ctx.tick % 3 == 0 ? reinterpret<f32>(0x7fc00000 | bits) : reinterpret<f32>(0xffc00001 | bits);
		dot.odder[i] = ctx.tick % 2 == 0 ? reinterpret<f64>(0xfff8000000000001 | <u64>bits) : dot.odder[i] + 0.1;
		dot.far[i] = dot.far[i] * 3 - <i64>dot.x[i];
		dot.wide[i] = dot.wide[i] * 6364136223846793005 + <u64>bits;
		dot.low[i]--; dot.half[i] -= 77; dot.port[i] += 3; dot.on[i] = !dot.on[i]; dot.all[i] += 0x10001;
		$&`,
	],
];

/** A match of dots with odd columns, whose rules change in the middle. */
export async function recordOddMatch(ticks: number): Promise<Uint8Array<ArrayBuffer>> {
	const { game } = await buildDots(ODD_DOTS);
	const faster = await buildDots([...ODD_DOTS, ["dot.x[i] += ", "dot.x[i] += <f32>2 * "]]);
	const match = await recordMatch({
		game,
		ticks,
		seed: 4,
		players: 6,
		before(room, tick) {
			if (tick !== ticks / 2) return;
			const outcome = swapRoom(room, faster.game);
			if ("error" in outcome) throw new Error(outcome.detail);
		},
	});
	return match.bytes;
}
