// Cars and a ball, moved by the physics crate rapier2d. All state is in columns: each tick builds rapier's world from
// them, takes one step, and writes back what came of it. So swaps, replays and predictions need nothing else.
mod field;
#[path = "generated/layout.rs"]
mod hs;
mod physics;

use hs::{ball, car, ctx, emit, input, score, Rules};
use physics::{Body, Drive, World};

const LEFT: u8 = 0;
const RIGHT: u8 = 1;
/** Seconds of boost that a car has at most, and that it gets back in a second. */
const MOST_BOOST: f32 = 2.0;
const BOOST_BACK: f32 = 0.25;

struct Game;
hs::game!(Game, std);

impl Rules for Game {
    fn init() {
        ball::spawn();
        score::spawn();
    }

    fn join(player: usize, _name: &str) {
        let of = |team| car::rows().filter(|one| one.team() == team).count();
        let team = if of(RIGHT) < of(LEFT) { RIGHT } else { LEFT };
        if let Some(new) = car::spawn() {
            new.set_player(player as u8);
            new.set_team(team);
            kick_off(new);
        }
    }

    fn leave(player: usize) {
        for gone in car::rows().filter(|one| one.player() as usize == player) {
            gone.free();
        }
    }

    fn tick() {
        let mut world = World::new(ctx::dt());
        let cars: Vec<_> = car::rows().map(|one| (one, world.add_car(&body_of(one), &drive_of(one)))).collect();
        let balls: Vec<_> = ball::rows().map(|one| (one, world.add_ball(&ball_of(one)))).collect();
        world.step();
        for (one, added) in cars {
            place_car(one, &world.body(added));
        }
        for (one, added) in balls {
            place_ball(one, &world.body(added));
        }
        // a client that predicts awaits what the server says of goals
        if !ctx::predicting() {
            count_goal();
        }
    }

    fn check() -> i32 {
        let outside = |x: f32, y: f32| x.abs() > field::HALF_LENGTH + 6.0 || y.abs() > field::HALF_WIDTH + 1.0;
        i32::from(car::rows().any(|one| outside(one.x(), one.y())))
            + 2 * i32::from(ball::rows().any(|one| outside(one.x(), one.y())))
    }
}

/** Behind the own half of the field, one row beside the other. */
fn kick_off(one: car::Row) {
    let side = if one.team() == LEFT { -1.0 } else { 1.0 };
    one.set_x(side * field::HALF_LENGTH * 0.6);
    one.set_y((one.index() / 2) as f32 * 5.0 - 7.5);
    one.set_angle(if one.team() == LEFT { 0.0 } else { std::f32::consts::PI });
    one.set_vx(0.0);
    one.set_vy(0.0);
    one.set_spin(0.0);
    one.set_boost(MOST_BOOST);
    one.jump();
}

fn drive_of(one: car::Row) -> Drive {
    let player = one.player() as usize;
    let boosts = input::boost(player) && one.boost() > 0.0;
    let left = one.boost() + if boosts { -ctx::dt() } else { BOOST_BACK * ctx::dt() };
    one.set_boost(left.clamp(0.0, MOST_BOOST));
    Drive {
        steer: f32::from(input::steer(player)) / 127.0,
        throttle: f32::from(input::throttle(player)) / 127.0,
        boosts,
    }
}

fn body_of(one: car::Row) -> Body {
    Body { x: one.x(), y: one.y(), angle: one.angle(), vx: one.vx(), vy: one.vy(), spin: one.spin() }
}

fn ball_of(one: ball::Row) -> Body {
    Body { x: one.x(), y: one.y(), angle: one.angle(), vx: one.vx(), vy: one.vy(), spin: one.spin() }
}

fn place_car(one: car::Row, body: &Body) {
    one.set_x(body.x);
    one.set_y(body.y);
    one.set_angle(body.angle);
    one.set_vx(body.vx);
    one.set_vy(body.vy);
    one.set_spin(body.spin);
}

fn place_ball(one: ball::Row, body: &Body) {
    one.set_x(body.x);
    one.set_y(body.y);
    one.set_angle(body.angle);
    one.set_vx(body.vx);
    one.set_vy(body.vy);
    one.set_spin(body.spin);
}

/** A ball behind a goal line counts, and all begin again. */
fn count_goal() {
    let (Some(one), Some(counted)) = (ball::row(0), score::row(0)) else { return };
    if one.x().abs() < field::HALF_LENGTH + field::BALL_RADIUS {
        return;
    }
    let team = if one.x() > 0.0 { LEFT } else { RIGHT };
    if team == LEFT {
        counted.set_left(counted.left().saturating_add(1));
    } else {
        counted.set_right(counted.right().saturating_add(1));
    }
    emit::goal(team);
    place_ball(one, &Body::default());
    one.jump();
    for each in car::rows() {
        kick_off(each);
    }
}
