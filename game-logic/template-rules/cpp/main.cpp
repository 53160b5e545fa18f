// What happens, in C++. Change SPEED and save: the running game changes with you in it.
#include "generated/layout.hpp"

constexpr float WIDTH = 800;
constexpr float HEIGHT = 500;
constexpr float SPEED = 220;
constexpr float REACH = 24;

static void drop(int c) {
	coin::x[c] = hs_random_between(20, WIDTH - 20);
	coin::y[c] = hs_random_between(20, HEIGHT - 20);
}

static void collect(int i) {
	for (int c : coin::rows()) {
		float dx = runner::x[i] - coin::x[c];
		float dy = runner::y[i] - coin::y[c];
		if (dx * dx + dy * dy > REACH * REACH) continue;
		runner::coins[i]++;
		emit::taken(coin::x[c], coin::y[c]);
		drop(c);
	}
}

static float within(float value, float most) { return value < 0 ? 0 : value > most ? most : value; }

void game_init() {
	for (int c = 0; c < coin::capacity; c++) drop(coin::spawn());
}

void game_join(int player, const char *) {
	int i = runner::spawn();
	runner::player[i] = uint8_t(player);
	runner::x[i] = WIDTH / 2;
	runner::y[i] = HEIGHT / 2;
}

void game_leave(int player) {
	for (int i : runner::rows()) {
		if (runner::player[i] == player) runner::free(i);
	}
}

void game_tick() {
	float way = SPEED * hs_ctx.dt;
	for (int i : runner::rows()) {
		int player = runner::player[i];
		runner::x[i] = within(runner::x[i] + way * float(input::right[player] - input::left[player]), WIDTH);
		runner::y[i] = within(runner::y[i] + way * float(input::down[player] - input::up[player]), HEIGHT);
		collect(i);
	}
}
