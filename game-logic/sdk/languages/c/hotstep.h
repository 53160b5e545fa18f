/*
 * What every Hotstep game in C or C++ has. generated/layout.h includes it and adds the tables, the inputs and
 * the events of the schema. Freestanding: it needs no C library.
 */
#ifndef HOTSTEP_H
#define HOTSTEP_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The ctx struct of the ABI, 64 bytes: the host writes it before every tick. */
typedef struct {
	uint32_t tick; /* number of the tick being computed, from 0 */
	uint32_t inbox_length;
	uint32_t outbox_length;
	uint32_t flags;
	float dt; /* seconds of one tick */
	uint32_t random[4];
	uint32_t outbox_dropped;
	uint32_t kept[6];
} hs_context;

extern hs_context hs_ctx;

/* True while a client predicts: the world holds only what the server has shown. */
static inline bool hs_predicting(void) { return (hs_ctx.flags & 1u) != 0; }

/* ---- functions that the game offers; all but game_tick may be missing ---- */

void game_init(void);
/* `name` ends with a 0 and lives until the function returns. */
void game_join(int player, const char *name);
void game_leave(int player);
void game_tick(void);
void game_migrated(int from_version);
/* Whether the state is sound: 0 if it is. Called on copies, in trials. */
int game_check(void);

/* ---- log ---- */

enum { HS_DEBUG = 0, HS_INFO = 1, HS_WARN = 2, HS_ERROR = 3 };

__attribute__((import_module("hotstep"), import_name("log"))) void hs_host_log(
	int level, const char *text, int bytes);

static inline void hs_log_at(int level, const char *text) {
	int bytes = 0;
	while (bytes < 512 && text[bytes] != 0) bytes++;
	hs_host_log(level, text, bytes);
}

/* Writes a line to the server's log. Lines are cut at 512 bytes and limited per tick by the host. */
static inline void hs_log(const char *text) { hs_log_at(HS_INFO, text); }

/* ---- random numbers ---- */

static inline uint32_t hs_rotl(uint32_t x, int n) { return x << n | x >> (32 - n); }

/* xoshiro128** 1.1 by Blackman and Vigna (public domain); its four words live in ctx, seeded by the host. */
static inline uint32_t hs_random_bits(void) {
	uint32_t *s = hs_ctx.random;
	uint32_t result = hs_rotl(s[1] * 5, 7) * 9;
	uint32_t t = s[1] << 9;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = hs_rotl(s[3], 11);
	return result;
}

/* A number from 0 up to but not including 1, of 24 bits. */
static inline float hs_random(void) { return (float)(hs_random_bits() >> 8) * (1.0f / 16777216.0f); }

static inline float hs_random_between(float least, float most) {
	return least + (most - least) * hs_random();
}

/* A whole number from 0 up to but not including `n`; `n` must be above 0. */
static inline int hs_random_int(int n) {
	return (int)((uint64_t)hs_random_bits() * (uint32_t)n >> 32);
}

/* From 0 up to 1, from the tick and `key` alone: a client that predicts draws the same, and anybody could. */
static inline float hs_random_at(uint32_t key) {
	uint32_t z = hs_ctx.tick * 0x9e3779b9u + key * 0x85ebca6bu;
	z = (z ^ (z >> 16)) * 0x85ebca6bu;
	z = (z ^ (z >> 13)) * 0xc2b2ae35u;
	z ^= z >> 16;
	return (float)(z >> 8) * (1.0f / 16777216.0f);
}

/* ---- one instruction each ---- */

static inline float hs_sqrt(float x) { return __builtin_sqrtf(x); }
static inline float hs_floor(float x) { return __builtin_floorf(x); }
static inline float hs_ceil(float x) { return __builtin_ceilf(x); }
/* The nearest whole number; of two the even one. */
static inline float hs_nearest(float x) { return __builtin_rintf(x); }
static inline float hs_abs(float x) { return __builtin_fabsf(x); }

/* ---- players who must go ---- */

/* Appends a record to the outbox and returns the address of its payload, or 0 when it is full. */
void *hs_append(uint8_t kind, uint8_t target, uint32_t size, uint16_t player, uint16_t extra);

/* Turns away a player who joined in this tick; `reason` is a number that the client is told. */
static inline void hs_refuse(int player, int reason) {
	hs_append(2, 0, 8, (uint16_t)player, (uint16_t)reason);
}

/* Removes a player from the room; `reason` is a number that the client is told. */
static inline void hs_kick(int player, int reason) {
	hs_append(3, 0, 8, (uint16_t)player, (uint16_t)reason);
}

/* ---- what the generated tables are made of ---- */

/* Both follow from `gen`. used: rows at or above it are free; hint: no row below it is free. */
typedef struct {
	int32_t used, hint;
} hs_table;

int hs_spawn_row(uint16_t *gen, hs_table *table, int capacity);
void hs_free_row(uint16_t *gen, hs_table *table, int row);

/* The memory of a rewind() column: a ring of copies of whole columns, one for each of the last ticks. */
typedef struct {
	const uint32_t *stamps; /* tick + 1 of the copy in that slot, 0 for none */
	const uint16_t *gens;
	int slots, capacity;
} hs_past;

/* The place of the value `age` ticks ago among all copies, or -1 for what the column holds now. */
int hs_past_place(hs_past past, int row, uint16_t gen, float age);
/* Between two ticks: `part` of the way from the one to the other. */
float hs_past_part(hs_past past, float age);

#ifdef __cplusplus
}
#endif
#endif
