// What every Hotstep game in Rust has. generated/layout.rs includes it and adds the tables, the inputs and the events
// of the schema. No std, no allocation.
use core::cell::{Cell, UnsafeCell};

/// The ctx struct of the ABI, 64 bytes: the host writes it before every tick.
#[repr(C, align(16))]
pub struct Context {
    tick: Cell<u32>,
    inbox_length: Cell<u32>,
    outbox_length: Cell<u32>,
    flags: Cell<u32>,
    dt: Cell<f32>,
    random: [Cell<u32>; 4],
    outbox_dropped: Cell<u32>,
    kept: [Cell<u32>; 6],
}

// SAFETY: a module has one thread
unsafe impl Sync for Context {}

const ZERO: Cell<u32> = Cell::new(0);

#[no_mangle]
static CTX: Context = Context {
    tick: ZERO,
    inbox_length: ZERO,
    outbox_length: ZERO,
    flags: ZERO,
    dt: Cell::new(0.0),
    random: [ZERO; 4],
    outbox_dropped: ZERO,
    kept: [ZERO; 6],
};

/// The tick that is being computed.
pub mod ctx {
    use super::CTX;

    /// Its number, from 0.
    pub fn tick() -> u32 {
        CTX.tick.get()
    }

    /// Seconds of one tick.
    pub fn dt() -> f32 {
        CTX.dt.get()
    }

    /// True while a client predicts: the world holds only what the server has shown.
    pub fn predicting() -> bool {
        CTX.flags.get() & 1 != 0
    }
}

/// What a game does. All but `tick` may be missing.
pub trait Rules {
    fn init() {}
    fn join(_player: usize, _name: &str) {}
    fn leave(_player: usize) {}
    fn tick();
    fn migrated(_from_version: i32) {}
    /// Whether the state is sound: 0 if it is. Called on copies, in trials.
    fn check() -> i32 {
        0
    }
}

/// One column of a table: `N` values of type `T`, one for each row.
#[repr(C, align(16))]
pub struct Column<T, const N: usize>(UnsafeCell<[T; N]>, #[cfg(debug_assertions)] &'static str);

// SAFETY: a module has one thread
unsafe impl<T, const N: usize> Sync for Column<T, N> {}

impl<T: Copy, const N: usize> Column<T, N> {
    #[cfg(debug_assertions)]
    const fn new(value: T, name: &'static str) -> Self {
        Self(UnsafeCell::new([value; N]), name)
    }

    #[cfg(not(debug_assertions))]
    const fn new(value: T, _name: &'static str) -> Self {
        Self(UnsafeCell::new([value; N]))
    }

    /// Drafts say which column it is, and where it was asked for.
    #[track_caller]
    #[inline]
    fn check(&self, _row: usize) {
        #[cfg(debug_assertions)]
        if _row >= N {
            panic!("row {} is outside of {}, which has rows 0 to {}", _row, self.1, N - 1);
        }
    }

    /// All of it, to go through at once: `for (x, vx) in X.cells().iter().zip(VX.cells())`.
    pub fn cells(&self) -> &[Cell<T>; N] {
        // SAFETY: a Cell<T> lies in memory as T does, and only cells are ever made of it
        unsafe { &*(self.0.get() as *const [Cell<T>; N]) }
    }

    /// # Panics
    /// If there is no such row.
    #[track_caller]
    pub fn get(&self, row: usize) -> T {
        self.check(row);
        self.cells()[row].get()
    }

    /// # Panics
    /// If there is no such row.
    #[track_caller]
    pub fn set(&self, row: usize, value: T) {
        self.check(row);
        self.cells()[row].set(value);
    }

    /// SAFETY: `row` must be below `N`.
    unsafe fn read(&self, row: usize) -> T {
        self.cells().get_unchecked(row).get()
    }

    /// SAFETY: `row` must be below `N`.
    unsafe fn write(&self, row: usize, value: T) {
        self.cells().get_unchecked(row).set(value);
    }

    /// Copies the first `count` values to place `at` of another.
    fn copy_to<const M: usize>(&self, other: &Column<T, M>, at: usize, count: usize) {
        for (to, from) in other.cells()[at..at + count].iter().zip(self.cells()) {
            to.set(from.get());
        }
    }
}

/// Both follow from `gen`. used: rows at or above it are free; hint: no row below it is free.
#[repr(C)]
pub struct TableState {
    used: Cell<u32>,
    hint: Cell<u32>,
}

// SAFETY: a module has one thread
unsafe impl Sync for TableState {}

impl TableState {
    const fn new() -> Self {
        Self { used: ZERO, hint: ZERO }
    }

    fn used<const N: usize>(&self) -> usize {
        (self.used.get() as usize).min(N)
    }

    fn spawn<const N: usize>(&self, gen: &Column<u16, N>) -> Option<usize> {
        // a host that predicts puts rows here and takes them away between two ticks
        let mut row = if ctx::predicting() { 0 } else { self.hint.get() as usize };
        while row < N && gen.get(row) != 0 {
            row += 1;
        }
        self.hint.set((row + 1).min(N) as u32);
        if row >= N {
            return None;
        }
        // two occupants of one row never share a tick of birth, so the tick tells them apart
        gen.set(row, (1 + ctx::tick() % 65535) as u16);
        if row as u32 >= self.used.get() {
            self.used.set(row as u32 + 1);
        }
        Some(row)
    }

    fn free<const N: usize>(&self, gen: &Column<u16, N>, row: usize) {
        gen.set(row, 0);
        if (row as u32) < self.hint.get() {
            self.hint.set(row as u32);
        }
        while self.used.get() > 0 && gen.get(self.used.get() as usize - 1) == 0 {
            self.used.set(self.used.get() - 1);
        }
    }

    /// The next row at or after `row` that is taken.
    fn next<const N: usize>(&self, gen: &Column<u16, N>, mut row: usize) -> Option<usize> {
        while row < self.used::<N>() {
            if gen.get(row) != 0 {
                return Some(row);
            }
            row += 1;
        }
        None
    }
}

/// Ticks of `age` that reach back at most; what is no number counts as 0.
fn within(age: f32, slots: usize) -> f32 {
    if age > 0.0 {
        age.min(slots as f32)
    } else {
        0.0
    }
}

/// The place of the value `age` ticks ago among all copies, or None for what the column holds now.
fn past_place<const S: usize, const G: usize>(
    stamps: &Column<u32, S>,
    gens: &Column<u16, G>,
    row: usize,
    gen: u16,
    age: f32,
) -> Option<usize> {
    let before = ceil(within(age, S)) as i32;
    if before == 0 {
        return None;
    }
    let now = ctx::tick() as i32;
    // of a row that is younger, the oldest value that is known
    for tick in now.wrapping_sub(before).max(0)..now {
        let slot = tick as usize % S;
        let at = slot * (G / S) + row;
        if stamps.get(slot) == tick as u32 + 1 && gens.get(at) == gen {
            return Some(at);
        }
    }
    None
}

/// Between two ticks: how much of the way from the one to the other.
fn past_part(age: f32, slots: usize) -> f32 {
    let back = within(age, slots);
    ceil(back) - back
}

use core::arch::wasm32::{
    f32x4_ceil, f32x4_extract_lane, f32x4_floor, f32x4_nearest, f32x4_splat, f32x4_sqrt,
    f64x2_ceil, f64x2_extract_lane, f64x2_floor, f64x2_nearest, f64x2_splat, f64x2_sqrt,
};

macro_rules! one_lane {
    ($($name:ident $of:ident $type:ty: $op:ident $splat:ident $lane:ident),*) => {
        $(
            /// One instruction, which core has no name for.
            #[inline]
            #[allow(dead_code)]
            pub fn $name(x: $type) -> $type {
                $lane::<0>($op($splat(x)))
            }
        )*
    };
}

one_lane! {
    sqrt of f32: f32x4_sqrt f32x4_splat f32x4_extract_lane,
    floor of f32: f32x4_floor f32x4_splat f32x4_extract_lane,
    ceil of f32: f32x4_ceil f32x4_splat f32x4_extract_lane,
    nearest of f32: f32x4_nearest f32x4_splat f32x4_extract_lane,
    sqrt64 of f64: f64x2_sqrt f64x2_splat f64x2_extract_lane,
    floor64 of f64: f64x2_floor f64x2_splat f64x2_extract_lane,
    ceil64 of f64: f64x2_ceil f64x2_splat f64x2_extract_lane,
    nearest64 of f64: f64x2_nearest f64x2_splat f64x2_extract_lane
}

mod hs_host {
    #[link(wasm_import_module = "hotstep")]
    extern "C" {
        pub fn log(level: i32, text: *const u8, bytes: i32);
    }
}

#[derive(Clone, Copy)]
pub enum Level {
    Debug = 0,
    Info = 1,
    Warn = 2,
    Error = 3,
}

/// Writes a line to the server's log. Lines are cut at 512 bytes and limited per tick by the host.
pub fn log(level: Level, text: &str) {
    // SAFETY: the host reads the text within the call
    unsafe { hs_host::log(level as i32, text.as_ptr(), text.len().min(512) as i32) }
}

struct Line {
    bytes: [u8; 512],
    length: usize,
}

impl core::fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let count = text.len().min(512 - self.length);
        self.bytes[self.length..self.length + count].copy_from_slice(&text.as_bytes()[..count]);
        self.length += count;
        Ok(())
    }
}

/// The same, as `format_args!` has it; `hs::say!` is shorter.
pub fn log_args(level: Level, text: core::fmt::Arguments) {
    let mut line = Line { bytes: [0; 512], length: 0 };
    let _ = core::fmt::Write::write_fmt(&mut line, text);
    // SAFETY: the host reads the text within the call
    unsafe { hs_host::log(level as i32, line.bytes.as_ptr(), line.length as i32) }
}

/// Writes a line to the server's log, as `println!` would.
#[allow(unused_macros)]
macro_rules! say {
    ($($text:tt)*) => { $crate::hs::log_args($crate::hs::Level::Info, format_args!($($text)*)) };
}
#[allow(unused_imports)]
pub(crate) use say;

/// xoshiro128** 1.1 by Blackman and Vigna (public domain); its four words live in ctx, seeded by the host.
pub fn random_bits() -> u32 {
    let [a, b, c, d] = &CTX.random;
    let (s0, mut s1, mut s2, mut s3) = (a.get(), b.get(), c.get(), d.get());
    let result = s1.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
    let t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    a.set(s0 ^ s3);
    b.set(s1);
    c.set(s2 ^ t);
    d.set(s3.rotate_left(11));
    result
}

/// A number from 0 up to but not including 1, of 24 bits.
pub fn random() -> f32 {
    (random_bits() >> 8) as f32 * (1.0 / 16777216.0)
}

pub fn random_between(least: f32, most: f32) -> f32 {
    least + (most - least) * random()
}

/// A whole number from 0 up to but not including `n`; `n` must be above 0.
pub fn random_int(n: u32) -> u32 {
    (u64::from(random_bits()) * u64::from(n) >> 32) as u32
}

/// From 0 up to 1, from the tick and `key` alone: a client that predicts draws the same, and anybody could.
pub fn random_at(key: u32) -> f32 {
    let mut z = ctx::tick().wrapping_mul(0x9e37_79b9).wrapping_add(key.wrapping_mul(0x85eb_ca6b));
    z = (z ^ (z >> 16)).wrapping_mul(0x85eb_ca6b);
    z = (z ^ (z >> 13)).wrapping_mul(0xc2b2_ae35);
    z ^= z >> 16;
    (z >> 8) as f32 * (1.0 / 16777216.0)
}

/// Appends a record to the outbox; its fields are written by `fill`.
fn append(kind: u8, target: u8, size: usize, player: u16, extra: u16, fill: impl FnOnce(&[Cell<u8>])) {
    let padded = (size + 3) & !3;
    let length = CTX.outbox_length.get() as usize;
    let record = match OUTBOX.cells().get(length..length + padded) {
        Some(record) => record,
        None => return CTX.outbox_dropped.set(CTX.outbox_dropped.get().wrapping_add(1)),
    };
    record[0].set(kind);
    record[1].set(target);
    put(record, 2, (padded as u16).to_le_bytes());
    put(record, 4, player.to_le_bytes());
    put(record, 6, extra.to_le_bytes());
    fill(&record[8..]);
    CTX.outbox_length.set((length + padded) as u32);
}

fn put<const N: usize>(record: &[Cell<u8>], at: usize, bytes: [u8; N]) {
    for (to, byte) in record[at..at + N].iter().zip(bytes) {
        to.set(byte);
    }
}

fn take<const N: usize>(record: &[Cell<u8>], at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    for (byte, from) in bytes.iter_mut().zip(&record[at..at + N]) {
        *byte = from.get();
    }
    bytes
}

/// Turns away a player who joined in this tick; `reason` is a number that the client is told.
pub fn refuse(player: usize, reason: u16) {
    append(2, 0, 8, player as u16, reason, |_| {});
}

/// Removes a player from the room; `reason` is a number that the client is told.
pub fn kick(player: usize, reason: u16) {
    append(3, 0, 8, player as u16, reason, |_| {});
}

/// A u32 of the descriptor: a number, or the address of something.
#[repr(C)]
pub union Word {
    number: u32,
    pointer: *const u8,
}

#[repr(C, align(4))]
pub struct Words<const N: usize>([Word; N]);

// SAFETY: nobody ever writes to it
unsafe impl<const N: usize> Sync for Words<N> {}

/// Runs the ABI's exports around the rules of a type: `hs::game!(Game);`, or `hs::game!(Game, std);` where the game
/// has std, which handles panics itself.
macro_rules! game {
    ($rules:ty) => {
        $crate::hs::game!($rules, std);

        #[panic_handler]
        fn panicked(info: &core::panic::PanicInfo) -> ! {
            $crate::hs::log_args($crate::hs::Level::Error, format_args!("{}", info));
            core::arch::wasm32::unreachable()
        }
    };
    ($rules:ty, std) => {
        #[no_mangle]
        pub extern "C" fn hs_describe() -> usize {
            $crate::hs::describe()
        }

        #[no_mangle]
        pub extern "C" fn hs_init() -> i32 {
            $crate::hs::open_outbox();
            <$rules as $crate::hs::Rules>::init();
            0
        }

        #[no_mangle]
        pub extern "C" fn hs_migrated(from_version: i32) -> i32 {
            $crate::hs::open_outbox();
            $crate::hs::forget_free_rows();
            <$rules as $crate::hs::Rules>::migrated(from_version);
            0
        }

        #[no_mangle]
        pub extern "C" fn hs_check() -> i32 {
            <$rules as $crate::hs::Rules>::check()
        }

        #[no_mangle]
        pub extern "C" fn hs_tick() -> i32 {
            $crate::hs::open_outbox();
            $crate::hs::read_inbox::<$rules>();
            <$rules as $crate::hs::Rules>::tick();
            $crate::hs::remember();
            0
        }
    };
}
pub(crate) use game;

#[doc(hidden)]
pub fn open_outbox() {
    CTX.outbox_length.set(0);
}

#[doc(hidden)]
pub fn read_inbox<R: Rules>() {
    let mut at = 0;
    while at < CTX.inbox_length.get() as usize {
        let record = &INBOX.cells()[at..];
        let player = u16::from_le_bytes(take(record, 4)) as usize;
        match record[0].get() {
            1 => {
                clear_input(player);
                let bytes = &INBOX.cells()[at + 8..][..u16::from_le_bytes(take(record, 6)) as usize];
                let mut name = [0; NAME_BYTES];
                let length = bytes.len().min(NAME_BYTES);
                for (to, from) in name.iter_mut().zip(bytes) {
                    *to = from.get();
                }
                R::join(player, core::str::from_utf8(&name[..length]).unwrap_or(""));
            }
            2 => R::leave(player),
            3 => apply_input(player, record),
            _ => {}
        }
        at += u16::from_le_bytes(take(record, 2)) as usize;
    }
}
