#include "generated/layout.hpp"

constexpr int COUNT = dot::capacity, ACROSS = 128, CELLS = ACROSS * ACROSS;
constexpr float WORLD = 1024, PER_CELL = 0.125f, REACH_2 = 16;

/* Where the dots of a cell begin in `sorted`; the cell of each dot. */
static int starts[CELLS + 1];
static int sorted[COUNT];
static int cells[COUNT];

static uint32_t seed = 12345;

static float next() {
	seed = seed * 1664525u + 1013904223u;
	return float(seed >> 8) * (1.0f / 16777216.0f);
}

void game_init() {
	for (int n = 0; n < COUNT; n++) {
		int i = dot::spawn();
		dot::x[i] = next() * WORLD;
		dot::y[i] = next() * WORLD;
		dot::vx[i] = next() * 80 - 40;
		dot::vy[i] = next() * 80 - 40;
	}
}

static void move(float (&place)[COUNT], float (&speed)[COUNT], float dt) {
	for (int i = 0; i < COUNT; i++) {
		float v = speed[i], p = place[i] + v * dt;
		bool is_out = (p < 0 && v < 0) || (p > WORLD && v > 0);
		place[i] = p;
		speed[i] = is_out ? -v : v;
	}
}

static int lane(float place) {
	int at = int(place * PER_CELL);
	return at < 0 ? 0 : at >= ACROSS ? ACROSS - 1 : at;
}

static void sort() {
	for (int &count : starts) count = 0;
	for (int i = 0; i < COUNT; i++) {
		cells[i] = lane(dot::y[i]) * ACROSS + lane(dot::x[i]);
		starts[cells[i]]++;
	}
	int sum = 0;
	for (int &start : starts) start = sum += start;
	for (int i = COUNT - 1; i >= 0; i--) sorted[--starts[cells[i]]] = i;
}

static inline void bounce(int i, int j) {
	float dx = dot::x[j] - dot::x[i], dy = dot::y[j] - dot::y[i];
	float d2 = dx * dx + dy * dy;
	if (d2 >= REACH_2 || d2 == 0) return;
	float nearing = (dot::vx[j] - dot::vx[i]) * dx + (dot::vy[j] - dot::vy[i]) * dy;
	if (nearing >= 0) return;
	float share = nearing / d2;
	dot::vx[i] += share * dx;
	dot::vy[i] += share * dy;
	dot::vx[j] -= share * dx;
	dot::vy[j] -= share * dy;
}

static void collide() {
	for (int cy = 0; cy < ACROSS; cy++) {
		for (int cx = 0; cx < ACROSS; cx++) {
			int c = cy * ACROSS + cx, right = cx < ACROSS - 1, left = cx > 0;
			int end = starts[c + 1 + right], below = 0, below_end = 0;
			if (cy < ACROSS - 1) {
				below = starts[c + ACROSS - left];
				below_end = starts[c + ACROSS + 1 + right];
			}
			for (int a = starts[c]; a < starts[c + 1]; a++) {
				int i = sorted[a];
				for (int b = a + 1; b < end; b++) bounce(i, sorted[b]);
				for (int b = below; b < below_end; b++) bounce(i, sorted[b]);
			}
		}
	}
}

void game_tick() {
	move(dot::x, dot::vx, hs_ctx.dt);
	move(dot::y, dot::vy, hs_ctx.dt);
	sort();
	collide();
}
