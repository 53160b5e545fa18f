/* The part of the SDK for C and C++ that is compiled once into every module. */
#include "hotstep.h"

#define KIND_EVENT 1

extern uint8_t hs_outbox[];
extern const uint32_t hs_outbox_bytes;

void *hs_append(uint8_t kind, uint8_t target, uint32_t size, uint16_t player, uint16_t extra) {
	uint32_t padded = (size + 3) & ~3u;
	uint32_t length = hs_ctx.outbox_length;
	if (length + padded > hs_outbox_bytes) {
		hs_ctx.outbox_dropped++;
		return 0;
	}
	uint8_t *at = hs_outbox + length;
	at[0] = kind;
	at[1] = target;
	*(uint16_t *)(at + 2) = (uint16_t)padded;
	*(uint16_t *)(at + 4) = player;
	*(uint16_t *)(at + 6) = extra;
	/* what the padding held before must not be in the outbox */
	if (padded > 8) *(uint32_t *)(at + padded - 4) = 0;
	hs_ctx.outbox_length = length + padded;
	return at + 8;
}

int hs_spawn_row(uint16_t *gen, hs_table *table, int capacity) {
	/* a host that predicts puts rows here and takes them away between two ticks */
	int row = hs_predicting() ? 0 : table->hint;
	while (row < capacity && gen[row] != 0) row++;
	table->hint = row < capacity ? row + 1 : capacity;
	if (row >= capacity) return -1;
	/* two occupants of one row never share a tick of birth, so the tick tells them apart */
	gen[row] = (uint16_t)(1 + hs_ctx.tick % 65535);
	if (row >= table->used) table->used = row + 1;
	return row;
}

void hs_free_row(uint16_t *gen, hs_table *table, int row) {
	gen[row] = 0;
	if (row < table->hint) table->hint = row;
	while (table->used > 0 && gen[table->used - 1] == 0) table->used--;
}

/* Ticks of `age` that reach back at most; what is no number counts as 0. */
static float within(float age, int slots) {
	if (!(age > 0)) return 0;
	return age < (float)slots ? age : (float)slots;
}

static bool knows(hs_past past, int row, uint16_t gen, uint32_t tick) {
	int slot = (int)(tick % (uint32_t)past.slots);
	return past.stamps[slot] == tick + 1 && past.gens[slot * past.capacity + row] == gen;
}

int hs_past_place(hs_past past, int row, uint16_t gen, float age) {
	int before = (int)__builtin_ceilf(within(age, past.slots));
	if (before == 0) return -1;
	int now = (int)hs_ctx.tick;
	int first = now - before;
	/* of a row that is younger, the oldest value that is known */
	for (int t = first > 0 ? first : 0; t < now; t++) {
		if (knows(past, row, gen, (uint32_t)t)) return t % past.slots * past.capacity + row;
	}
	return -1;
}

float hs_past_part(hs_past past, float age) {
	float back = within(age, past.slots);
	return __builtin_ceilf(back) - back;
}

/* ---- what a compiler may call without being asked ---- */

/* with bulk memory each is an instruction; without it they would call themselves, and a C library has them */
#ifdef __wasm_bulk_memory__
typedef __SIZE_TYPE__ size;

__attribute__((weak)) void *memcpy(void *to, const void *from, size n) {
	return __builtin_memcpy(to, from, n);
}

__attribute__((weak)) void *memmove(void *to, const void *from, size n) {
	return __builtin_memmove(to, from, n);
}

__attribute__((weak)) void *memset(void *to, int value, size n) { return __builtin_memset(to, value, n); }

__attribute__((weak)) int memcmp(const void *one, const void *other, size n) {
	const uint8_t *a = one, *b = other;
	for (size i = 0; i < n; i++) {
		if (a[i] != b[i]) return a[i] - b[i];
	}
	return 0;
}
#endif

/* What C++ asks for: nothing is ever destroyed, since a module never ends. */
void *__dso_handle;
int __cxa_atexit(void (*destroy)(void *), void *object, void *library);
__attribute__((weak)) int __cxa_atexit(void (*destroy)(void *), void *object, void *library) {
	(void)destroy, (void)object, (void)library;
	return 0;
}
void __cxa_pure_virtual(void);
__attribute__((weak)) void __cxa_pure_virtual(void) { __builtin_trap(); }

/* ---- draft builds: an index outside of a column is told with file and line ---- */

typedef struct {
	const char *file;
	uint32_t line, column;
} source_place;

typedef struct {
	uint16_t kind, info;
	char name[];
} type_name;

typedef struct {
	source_place place;
	const type_name *array, *index;
} out_of_bounds;

static char *put(char *at, char *end, const char *text) {
	while (*text != 0 && at < end) *at++ = *text++;
	return at;
}

static char *put_number(char *at, char *end, int64_t number) {
	char digits[21];
	int n = 20;
	bool negative = number < 0;
	uint64_t rest = negative ? 0u - (uint64_t)number : (uint64_t)number;
	digits[20] = 0;
	do digits[--n] = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (negative) digits[--n] = '-';
	return put(at, end, digits + n);
}

void __ubsan_handle_out_of_bounds_abort(const out_of_bounds *data, uintptr_t index);
void __ubsan_handle_out_of_bounds_abort(const out_of_bounds *data, uintptr_t index) {
	static char line[256];
	char *end = line + sizeof line - 1, *at = put(line, end, data->place.file);
	at = put_number(put(at, end, ":"), end, data->place.line);
	at = put_number(put(at, end, ":"), end, data->place.column);
	at = put(at, end, ": index ");
	/* bit 0 of the info of a whole number's type: it has a sign */
	at = put_number(at, end, data->index->info & 1 ? (int32_t)index : (int64_t)index);
	at = put(put(at, end, " is outside of "), end, data->array->name);
	*at = 0;
	hs_log_at(HS_ERROR, line);
	__builtin_trap();
}
