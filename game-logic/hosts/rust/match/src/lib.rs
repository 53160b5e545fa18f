//! What the hosts share: reading a match file and the layout of a module's state, the state hash, and
//! what a host says. It knows no engine. docs/engines.md and docs/abi.md describe all of it.

mod layout;
mod report;
mod state_hash;

pub use layout::Layout;
pub use report::Report;
pub use state_hash::state_hash;

use std::error::Error;

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub(crate) fn u16_at(bytes: &[u8], at: u32) -> u32 {
    let at = at as usize;
    u16::from_le_bytes([bytes[at], bytes[at + 1]]).into()
}

pub(crate) fn u32_at(bytes: &[u8], at: u32) -> u32 {
    let at = at as usize;
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// A match file: a sealed module, how it starts, the inbox of each tick.
#[derive(Clone)]
pub struct Match {
    file: Vec<u8>,
}

/// A mutable global as an image has it; its type says how to read the bits.
pub enum Global {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
}

pub struct Tick<'a> {
    pub number: u32,
    pub inbox: &'a [u8],
}

impl Match {
    pub fn read(name: &str) -> Result<Self> {
        let file = std::fs::read(name)?;
        if file.len() < 64 || &file[..4] != b"HSX1" {
            return Err("this is no match file".into());
        }
        Ok(Self { file })
    }

    fn part(&self, at: u32) -> &[u8] {
        let from = u32_at(&self.file, at) as usize;
        &self.file[from..from + u32_at(&self.file, at + 4) as usize]
    }

    pub fn starts_from_image(&self) -> bool {
        u32_at(&self.file, 8) == 1
    }

    pub fn start_fuel(&self) -> i32 {
        u32_at(&self.file, 16) as i32
    }

    pub fn fuel_per_tick(&self) -> i32 {
        u32_at(&self.file, 20) as i32
    }

    pub fn module(&self) -> &[u8] {
        self.part(32)
    }

    pub fn memory(&self) -> &[u8] {
        self.part(40)
    }

    /// Values where the match starts from an image, types always.
    pub fn globals(&self) -> Vec<Global> {
        let global = |g: &[u8]| {
            let low = u32_at(g, 8);
            let bits = u64::from(low) | u64::from(u32_at(g, 12)) << 32;
            match g[0] {
                0 => Global::I32(low as i32),
                1 => Global::I64(bits as i64),
                2 => Global::F32(low),
                _ => Global::F64(bits),
            }
        };
        self.part(48).chunks_exact(16).map(global).collect()
    }

    pub fn ticks(&self) -> impl Iterator<Item = Tick<'_>> {
        let mut rest = self.part(56);
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let bytes = u32_at(rest, 4) as usize;
            let tick = Tick { number: u32_at(rest, 0), inbox: &rest[20..20 + bytes] };
            rest = &rest[20 + bytes.next_multiple_of(4)..];
            Some(tick)
        })
    }

    /// The random state of a room: four words from its seed, by splitmix32.
    pub fn seed_words(&self) -> [u32; 4] {
        let mut state = u32_at(&self.file, 12);
        std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9);
            let mut z = (state ^ state >> 16).wrapping_mul(0x85eb_ca6b);
            z = (z ^ z >> 13).wrapping_mul(0xc2b2_ae35);
            z ^ z >> 16
        })
    }
}
