// What happens, in C. Change SPEED and save: the running game changes with you in it.
#include "generated/layout.h"

static const float WIDTH = 800;
static const float HEIGHT = 500;
static const float SPEED = 220;
static const float REACH = 24;

static void drop(int c) {
	coin_x[c] = hs_random_between(20, WIDTH - 20);
	coin_y[c] = hs_random_between(20, HEIGHT - 20);
}

static void collect(int i) {
	for (int c = 0; c < coin_used(); c++) {
		float dx = runner_x[i] - coin_x[c];
		float dy = runner_y[i] - coin_y[c];
		if (dx * dx + dy * dy > REACH * REACH) continue;
		runner_coins[i]++;
		emit_taken(coin_x[c], coin_y[c]);
		drop(c);
	}
}

static float within(float value, float most) { return value < 0 ? 0 : value > most ? most : value; }

void game_init(void) {
	for (int c = 0; c < coin_capacity; c++) drop(coin_spawn());
}

void game_join(int player, const char *name) {
	(void)name;
	int i = runner_spawn();
	runner_player[i] = (uint8_t)player;
	runner_x[i] = WIDTH / 2;
	runner_y[i] = HEIGHT / 2;
}

void game_leave(int player) {
	for (int i = 0; i < runner_used(); i++) {
		if (runner_alive(i) && runner_player[i] == player) runner_free(i);
	}
}

void game_tick(void) {
	float way = SPEED * hs_ctx.dt;
	for (int i = 0; i < runner_used(); i++) {
		if (!runner_alive(i)) continue;
		int player = runner_player[i];
		runner_x[i] = within(runner_x[i] + way * (float)(input_right[player] - input_left[player]), WIDTH);
		runner_y[i] = within(runner_y[i] + way * (float)(input_down[player] - input_up[player]), HEIGHT);
		collect(i);
	}
}
