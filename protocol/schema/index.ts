export {
	bool,
	Column,
	type ColumnOptions,
	type ColumnSpec,
	f32,
	f64,
	type Interpolation,
	i8,
	i16,
	i32,
	i64,
	type Quantisation,
	type ScalarType,
	u8,
	u16,
	u32,
	u64,
} from "./column.ts";
export {
	defineGame,
	type Game,
	type GameSource,
	type GameSpec,
	SchemaError,
	type TableSpec,
} from "./define-game.ts";
export type { EventViews, InputView, StateView, TableView } from "./view-types.ts";
