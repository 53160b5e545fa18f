/*
 * Runs a match file in machine code that wasm2c and a C compiler made of its module: host MATCH [TICK IMAGE]
 * build.sh makes glue.h: which functions and globals this game has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "glue.h"
#include "wasm-rt-impl.h"

static Z_game_instance_t game;

/* ---- what a module may import: neither gives it a value ---- */

struct Z_env_instance_t;
struct Z_hotstep_instance_t;

void Z_envZ_abort(struct Z_env_instance_t *env, u32 message, u32 file, u32 line, u32 column) {
	wasm_rt_trap(WASM_RT_TRAP_UNREACHABLE);
}

void Z_hotstepZ_log(struct Z_hotstep_instance_t *hotstep, u32 level, u32 address, u32 bytes) {}

/* ---- little-endian numbers ---- */

static u32 u32_at(const u8 *at) { return at[0] | at[1] << 8 | at[2] << 16 | (u32)at[3] << 24; }
static u32 u16_at(const u8 *at) { return at[0] | at[1] << 8; }
static void put_u32(u8 *at, u32 value) {
	for (int i = 0; i < 4; i++) at[i] = value >> (8 * i);
}

/* ---- the state hash of docs/abi.md ---- */

static u32 rotl(u32 x, int n) { return x << n | x >> (32 - n); }

typedef struct { u32 a, b; } hash_t;

static void mix(hash_t *hash, u32 word) {
	u32 k = rotl(word * 0xcc9e2d51u, 15) * 0x1b873593u;
	hash->a = rotl(hash->a ^ k, 13) * 5 + 0xe6546b64u;
	hash->b = rotl(hash->b ^ (word * 0x85ebca6bu), 11) * 9 + 0x38b34ae5u;
}

static u32 finish(u32 x) {
	x = (x ^ x >> 16) * 0x85ebca6bu;
	x = (x ^ x >> 13) * 0xc2b2ae35u;
	return x ^ x >> 16;
}

enum { U8, I8, U16, I16, U32, I32, U64, I64, F32, F64, BOOL };
static const u32 BYTES[] = {1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 1};

static void mix_value(hash_t *hash, u32 type, const u8 *at) {
	switch (type) {
	case U8: case BOOL: mix(hash, at[0]); return;
	case I8: mix(hash, (u32)(s8)at[0]); return;
	case U16: mix(hash, u16_at(at)); return;
	case I16: mix(hash, (u32)(s16)u16_at(at)); return;
	}
	u32 low = u32_at(at);
	if (BYTES[type] == 4) {
		mix(hash, type == F32 && (low & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : low);
		return;
	}
	u32 high = u32_at(at + 4);
	u32 magnitude = high & 0x7fffffff;
	int is_nan = type == F64 && (magnitude > 0x7ff00000 || (magnitude == 0x7ff00000 && low != 0));
	mix(hash, is_nan ? 0 : low);
	mix(hash, is_nan ? 0x7ff80000 : high);
}

static hash_t state_hash(const u8 *memory, u32 descriptor, u32 next_tick) {
	hash_t hash = {0x9747b28c, 0x2c1b3c6d};
	const u8 *about = memory + descriptor;
	const u8 *ctx = memory + u32_at(about + 20);
	mix(&hash, next_tick);
	for (int i = 0; i < 4; i++) mix(&hash, u32_at(ctx + 20 + i * 4));
	for (u32 t = 0; t < u16_at(about + 48); t++) {
		const u8 *table = memory + u32_at(about + 44) + t * u16_at(about + 50);
		const u8 *gen = memory + u32_at(table + 8);
		u32 used = u32_at(memory + u32_at(table + 12));
		if (used > u32_at(table + 4)) used = u32_at(table + 4);
		for (u32 row = 0; row < used; row++) {
			if (u16_at(gen + row * 2) == 0) continue;
			mix(&hash, row);
			mix(&hash, u16_at(gen + row * 2));
		}
		for (u32 c = 0; c < u16_at(table + 20); c++) {
			const u8 *column = memory + u32_at(table + 16) + c * u16_at(table + 22);
			const u8 *values = memory + u32_at(column + 4);
			u32 type = column[8];
			for (u32 row = 0; row < used; row++) {
				if (u16_at(gen + row * 2) != 0) mix_value(&hash, type, values + row * BYTES[type]);
			}
		}
	}
	hash.a = finish(hash.a);
	hash.b = finish(hash.b);
	return hash;
}

/* ---- the host ---- */

static void fail(const char *what, u32 tick) {
	printf("fail %s in tick %u\n", what, tick);
	exit(0);
}

static double now_ns(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static u8 *read_file(const char *name) {
	FILE *file = fopen(name, "rb");
	if (!file) fail("cannot open the match file", 0);
	fseek(file, 0, SEEK_END);
	long length = ftell(file);
	rewind(file);
	u8 *bytes = malloc(length);
	if (fread(bytes, 1, length, file) != (size_t)length || length < 64 || memcmp(bytes, "HSX1", 4)) {
		fail("this is no match file", 0);
	}
	fclose(file);
	return bytes;
}

/* Values of globals are 4 or 8 bytes where the generated struct holds them. */
static void *globals[257 + 1]; /* a sealed module has 256 and a counter at most */
static u32 global_bytes(u32 type) { return type == 0 || type == 2 ? 4 : 8; }

static void write_context(u8 *ctx, u32 tick, u32 inbox_bytes, u32 tick_rate) {
	float dt = (float)(1.0 / tick_rate);
	put_u32(ctx, tick);
	put_u32(ctx + 4, inbox_bytes);
	put_u32(ctx + 8, 0);
	memcpy(ctx + 16, &dt, 4);
}

static void seed_random(u8 *ctx, u32 state) {
	for (int i = 0; i < 4; i++) {
		state += 0x9e3779b9u;
		u32 z = (state ^ state >> 16) * 0x85ebca6bu;
		z = (z ^ z >> 13) * 0xc2b2ae35u;
		put_u32(ctx + 20 + i * 4, z ^ z >> 16);
	}
}

static void save_image(const char *name, const wasm_rt_memory_t *memory, const u8 *types, u32 count) {
	FILE *file = fopen(name, "wb");
	if (!file) fail("cannot write the image", 0);
	fwrite(memory->data, 1, memory->size, file);
	for (u32 i = 0; i < count; i++) {
		u8 value[8] = {0};
		memcpy(value, globals[i], global_bytes(types[i * 16]));
		fwrite(value, 1, 8, file);
	}
	fclose(file);
}

int main(int argc, char **argv) {
	setvbuf(stdout, NULL, _IOLBF, 1 << 12);
	printf("engine %s\n", ENGINE);
	const u8 *match = read_file(argv[1]);
	long long image_tick = argc > 3 ? atoll(argv[2]) : -1;
	u32 start_fuel = u32_at(match + 16), fuel_per_tick = u32_at(match + 20);
	const u8 *types = match + u32_at(match + 48);
	u32 global_count = u32_at(match + 52) / 16;
	u32 tick = 0;

	double start = now_ns();
	wasm_rt_init();
	Z_game_init_module();
	/* a trap in a call below comes back here */
	if (wasm_rt_impl_try() != 0) fail("a trap", tick);
	INSTANTIATE(&game);
	wasm_rt_memory_t *memory = Z_gameZ_memory(&game);
	u32 *fuel = Z_gameZ_hsZ3Afuel(&game);
	void *all[] = {GLOBALS(&game) 0};
	memcpy(globals, all, sizeof all);

	*fuel = start_fuel;
#ifdef HAS_INITIALIZE
	Z_gameZ__initialize(&game);
#endif
	u32 descriptor = Z_gameZ_hs_describe(&game);
	u32 ctx = u32_at(memory->data + descriptor + 20);
	u32 inbox = u32_at(memory->data + descriptor + 28);
	u32 tick_rate = u16_at(memory->data + descriptor + 72);

	if (u32_at(match + 8) == 1) {
		u32 bytes = u32_at(match + 44);
		if (bytes > memory->size) wasm_rt_grow_memory(memory, (bytes - memory->size) / 65536);
		memcpy(memory->data, match + u32_at(match + 40), bytes);
		for (u32 i = 0; i < global_count; i++) {
			memcpy(globals[i], types + i * 16 + 8, global_bytes(types[i * 16]));
		}
	} else {
		seed_random(memory->data + ctx, u32_at(match + 12));
		write_context(memory->data + ctx, 0, 0, tick_rate);
		*fuel = start_fuel;
#ifdef HAS_INIT
		if (Z_gameZ_hs_init(&game) != 0) fail("hs_init did not return 0", 0);
#endif
	}
	printf("start %.0f\n", now_ns() - start);

	double run_ns = 0;
	u32 ticks = 0;
	const u8 *at = match + u32_at(match + 56), *end = at + u32_at(match + 60);
	while (at < end) {
		tick = u32_at(at);
		u32 bytes = u32_at(at + 4);
		double from = now_ns();
		memcpy(memory->data + inbox, at + 20, bytes);
		write_context(memory->data + ctx, tick, bytes, tick_rate);
		*fuel = fuel_per_tick;
		if (Z_gameZ_hs_tick(&game) != 0) fail("hs_tick did not return 0", tick);
		run_ns += now_ns() - from;
		hash_t hash = state_hash(memory->data, descriptor, tick + 1);
		printf("tick %u %08x%08x %d\n", tick, hash.a, hash.b, (s32)(fuel_per_tick - *fuel));
		ticks++;
		if (tick == image_tick) {
			save_image(argv[3], memory, types, global_count);
			break;
		}
		at += 20 + ((bytes + 3) & ~3u);
	}
	printf("end %u %.0f\n", ticks, run_ns);
	return 0;
}
