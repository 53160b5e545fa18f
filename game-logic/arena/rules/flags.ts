import { FLAG_DEAD, FLAG_PROTECTED } from "../constants";
import { ship } from "../generated/layout";

export function hasFlag(i: i32, flag: i32): bool {
	return (ship.flags[i] & <u8>flag) != 0;
}

export function setFlag(i: i32, flag: i32, on: bool): void {
	const others = ship.flags[i] & <u8>~flag;
	ship.flags[i] = on ? others | <u8>flag : others;
}

export function isDead(i: i32): bool {
	return hasFlag(i, FLAG_DEAD);
}

export function isProtected(i: i32): bool {
	return hasFlag(i, FLAG_PROTECTED);
}
