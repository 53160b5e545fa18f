import type { Hidden } from "./column.ts";
import type { Game, GameSource } from "./define-game.ts";

/** One table as a client sees it: an array per column, indexed by slot. */
export type TableView<Columns> = {
	readonly capacity: number;
	/** Slots at or above this one are free. */
	readonly used: number;
	/** 0 where the slot is free, else the generation of its occupant. */
	readonly gen: Uint16Array;
	/** How often each row has jumped, modulo 256; only in tables whose rules call `jump`. */
	readonly jumpCount?: Float64Array;
} & (string extends keyof Columns ? AnyColumns : ColumnViews<Columns>);

type ColumnViews<Columns> = {
	readonly [K in keyof Columns as Columns[K] extends Hidden ? never : K]: Float64Array;
};

/** The columns of a game that the types do not know, so that every game's room is a `Room`. */
interface AnyColumns {
	// biome-ignore lint/suspicious/noExplicitAny: nothing else holds `used` and `gen` and reads as an array
	readonly [column: string]: any;
}

/** `room.state` of a game: every table by name. */
export type StateView<G extends Game> = {
	readonly [T in keyof G["source"]["tables"]]: TableView<G["source"]["tables"][T]["columns"]>;
};

/** What `room.input` takes: one number (or boolean) per declared field. */
export type InputView<G extends Game> = {
	-readonly [F in keyof G["source"]["input"]]: number | boolean;
};

type EventSource<S extends GameSource> = S["events"] extends object ? S["events"] : object;

/** The events of a game by name, each with its fields as numbers. */
export type EventViews<G extends Game> = {
	readonly [E in keyof EventSource<G["source"]>]: {
		readonly [F in keyof EventSource<G["source"]>[E]]: number;
	};
};
