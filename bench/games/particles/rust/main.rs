#![no_std]

#[path = "generated/layout.rs"]
mod hs;
use core::cell::Cell;
use hs::{ctx, dot, Rules};

const COUNT: usize = dot::CAPACITY;
const ACROSS: usize = 128;
const CELLS: usize = ACROSS * ACROSS;
const WORLD: f32 = 1024.0;
const PER_CELL: f32 = 0.125;
const REACH_2: f32 = 16.0;

/// Where the dots of a cell begin in `sorted`; the cell of each dot.
struct Scratch {
    starts: [Cell<u32>; CELLS + 1],
    sorted: [Cell<u32>; COUNT],
    cells: [Cell<u32>; COUNT],
    seed: Cell<u32>,
}

// SAFETY: a module has one thread
unsafe impl Sync for Scratch {}

const NONE: Cell<u32> = Cell::new(0);
static SCRATCH: Scratch =
    Scratch { starts: [NONE; CELLS + 1], sorted: [NONE; COUNT], cells: [NONE; COUNT], seed: Cell::new(12345) };

fn next() -> f32 {
    let seed = SCRATCH.seed.get().wrapping_mul(1664525).wrapping_add(1013904223);
    SCRATCH.seed.set(seed);
    (seed >> 8) as f32 * (1.0 / 16777216.0)
}

struct Game;
hs::game!(Game);

impl Rules for Game {
    fn init() {
        while let Some(one) = dot::spawn() {
            one.set_x(next() * WORLD);
            one.set_y(next() * WORLD);
            one.set_vx(next() * 80.0 - 40.0);
            one.set_vy(next() * 80.0 - 40.0);
        }
    }

    fn tick() {
        advance(dot::X.cells(), dot::VX.cells(), ctx::dt());
        advance(dot::Y.cells(), dot::VY.cells(), ctx::dt());
        sort(&SCRATCH);
        collide(&SCRATCH);
    }
}

fn advance(places: &[Cell<f32>; COUNT], speeds: &[Cell<f32>; COUNT], dt: f32) {
    for (place, speed) in places.iter().zip(speeds) {
        let v = speed.get();
        let p = place.get() + v * dt;
        let is_out = (p < 0.0) & (v < 0.0) | (p > WORLD) & (v > 0.0);
        place.set(p);
        speed.set(if is_out { -v } else { v });
    }
}

fn lane(place: f32) -> usize {
    ((place * PER_CELL) as i32).clamp(0, ACROSS as i32 - 1) as usize
}

fn sort(Scratch { starts, sorted, cells, .. }: &Scratch) {
    for start in starts {
        start.set(0);
    }
    for i in 0..COUNT {
        let c = lane(dot::Y.get(i)) * ACROSS + lane(dot::X.get(i));
        cells[i].set(c as u32);
        starts[c].set(starts[c].get() + 1);
    }
    let mut sum = 0;
    for start in starts {
        sum += start.get();
        start.set(sum);
    }
    for i in (0..COUNT).rev() {
        let start = &starts[cells[i].get() as usize];
        start.set(start.get() - 1);
        sorted[start.get() as usize].set(i as u32);
    }
}

#[inline(always)]
fn bounce(i: dot::Row, j: dot::Row) {
    let (dx, dy) = (j.x() - i.x(), j.y() - i.y());
    let d2 = dx * dx + dy * dy;
    if d2 >= REACH_2 || d2 == 0.0 {
        return;
    }
    let nearing = (j.vx() - i.vx()) * dx + (j.vy() - i.vy()) * dy;
    if nearing >= 0.0 {
        return;
    }
    let share = nearing / d2;
    i.set_vx(i.vx() + share * dx);
    i.set_vy(i.vy() + share * dy);
    j.set_vx(j.vx() - share * dx);
    j.set_vy(j.vy() - share * dy);
}

fn collide(Scratch { starts, sorted, .. }: &Scratch) {
    let start = |c: usize| starts[c].get() as usize;
    let others = |i: dot::Row, from: usize, to: usize| {
        for other in sorted.get(from..to).unwrap_or(&[]) {
            if let Some(j) = dot::row(other.get() as usize) {
                bounce(i, j);
            }
        }
    };
    for cy in 0..ACROSS {
        for cx in 0..ACROSS {
            let c = cy * ACROSS + cx;
            let (right, left) = (usize::from(cx < ACROSS - 1), usize::from(cx > 0));
            let end = start(c + 1 + right);
            let below = if cy < ACROSS - 1 {
                (start(c + ACROSS - left), start(c + ACROSS + 1 + right))
            } else {
                (0, 0)
            };
            for a in start(c)..start(c + 1) {
                if let Some(i) = dot::row(sorted[a].get() as usize) {
                    others(i, a + 1, end);
                    others(i, below.0, below.1);
                }
            }
        }
    }
}
