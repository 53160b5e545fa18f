/* The rules in C as a program of this machine: native LEAD MEASURED FILE prints the median ns of a tick. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "generated/layout.h"

hs_context hs_ctx;
hs_table hs_dot_state;
dot_gen_column_t dot_gen;
dot_x_column_t dot_x;
dot_y_column_t dot_y;
dot_vx_column_t dot_vx;
dot_vy_column_t dot_vy;
hs_outbox_column_t hs_outbox;
const uint32_t hs_outbox_bytes = sizeof hs_outbox;

void hs_host_log(int level, const char *text, int bytes) {
	fprintf(stderr, "%d %.*s\n", level, bytes, text);
}

static int compare(const void *a, const void *b) {
	double one = *(const double *)a, other = *(const double *)b;
	return (one > other) - (one < other);
}

static double now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(int count, char **arguments) {
	if (count != 4) return 2;
	int lead = atoi(arguments[1]), measured = atoi(arguments[2]);
	double *times = calloc((size_t)measured, sizeof *times);
	FILE *out = fopen(arguments[3], "wb");
	if (!times || !out) return 1;
	hs_ctx.dt = 1.0f / 60.0f;
	game_init();
	for (int t = 0; t < lead + measured; t++) {
		hs_ctx.tick = (uint32_t)t;
		double start = now();
		game_tick();
		if (t >= lead) times[t - lead] = now() - start;
	}
	qsort(times, (size_t)measured, sizeof *times, compare);
	printf("%.0f\n", times[measured / 2]);
	fwrite(dot_x, sizeof dot_x, 1, out);
	fwrite(dot_y, sizeof dot_y, 1, out);
	fwrite(dot_vx, sizeof dot_vx, 1, out);
	fwrite(dot_vy, sizeof dot_vy, 1, out);
	return fclose(out);
}
