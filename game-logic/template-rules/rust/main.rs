// What happens, in Rust. Change SPEED and save: the running game changes with you in it.
#![no_std]

#[path = "generated/layout.rs"]
mod hs;
use hs::{coin, ctx, emit, input, runner, Rules};

const WIDTH: f32 = 800.0;
const HEIGHT: f32 = 500.0;
const SPEED: f32 = 220.0;
const REACH: f32 = 24.0;

struct Game;
hs::game!(Game);

impl Rules for Game {
    fn init() {
        while let Some(new) = coin::spawn() {
            drop_at_random(new);
        }
    }

    fn join(player: usize, _name: &str) {
        if let Some(new) = runner::spawn() {
            new.set_player(player as u8);
            new.set_x(WIDTH / 2.0);
            new.set_y(HEIGHT / 2.0);
        }
    }

    fn leave(player: usize) {
        for gone in runner::rows().filter(|one| one.player() as usize == player) {
            gone.free();
        }
    }

    fn tick() {
        let way = SPEED * ctx::dt();
        let steps = |one: bool, other: bool| f32::from(i8::from(one) - i8::from(other)) * way;
        for one in runner::rows() {
            let player = one.player() as usize;
            let x = one.x() + steps(input::right(player), input::left(player));
            let y = one.y() + steps(input::down(player), input::up(player));
            one.set_x(x.clamp(0.0, WIDTH));
            one.set_y(y.clamp(0.0, HEIGHT));
            collect(one);
        }
    }
}

fn collect(one: runner::Row) {
    for found in coin::rows() {
        let dx = one.x() - found.x();
        let dy = one.y() - found.y();
        if dx * dx + dy * dy <= REACH * REACH {
            one.set_coins(one.coins() + 1);
            emit::taken(found.x(), found.y());
            drop_at_random(found);
        }
    }
}

fn drop_at_random(one: coin::Row) {
    one.set_x(hs::random_between(20.0, WIDTH - 20.0));
    one.set_y(hs::random_between(20.0, HEIGHT - 20.0));
}
