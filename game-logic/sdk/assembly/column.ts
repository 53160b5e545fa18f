/**
 * One column of a table: `capacity` values of type T at a fixed address. The handle *is* the address,
 * so `ship.x[i]` compiles to one load with no bounds check and no call.
 */
@unmanaged
export class Column<T> {
	// for editors, which do not know the operators below
	[key: number]: T;

	@inline @operator("[]") get(row: i32): T {
		return load<T>(changetype<usize>(this) + <usize>row * sizeof<T>());
	}

	@inline @operator("[]=") set(row: i32, value: T): void {
		store<T>(changetype<usize>(this) + <usize>row * sizeof<T>(), value);
	}
}
