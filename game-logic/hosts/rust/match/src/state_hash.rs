use crate::layout::{Column, Layout};
use crate::{u16_at, u32_at};

const F32: u8 = 8;
const F64: u8 = 9;

struct Mixer {
    a: u32,
    b: u32,
}

impl Mixer {
    fn mix(&mut self, word: u32) {
        let k = word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
        let a = (self.a ^ k).rotate_left(13);
        self.a = a.wrapping_mul(5).wrapping_add(0xe654_6b64);
        let b = (self.b ^ word.wrapping_mul(0x85eb_ca6b)).rotate_left(11);
        self.b = b.wrapping_mul(9).wrapping_add(0x38b3_4ae5);
    }

    /// Types: u8 i8 u16 i16 u32 i32 u64 i64 f32 f64 bool.
    fn value(&mut self, memory: &[u8], &Column { data, kind }: &Column, row: u32) {
        match kind {
            0 | 10 => self.mix(memory[(data + row) as usize].into()),
            1 => self.mix(memory[(data + row) as usize] as i8 as u32),
            2 => self.mix(u16_at(memory, data + row * 2)),
            3 => self.mix(u16_at(memory, data + row * 2) as i16 as u32),
            4 | 5 | F32 => {
                let word = u32_at(memory, data + row * 4);
                let is_nan = kind == F32 && word & 0x7fff_ffff > 0x7f80_0000;
                self.mix(if is_nan { 0x7fc0_0000 } else { word });
            }
            _ => {
                let (low, high) = (u32_at(memory, data + row * 8), u32_at(memory, data + row * 8 + 4));
                let bits = u64::from(low) | u64::from(high) << 32;
                let is_nan = kind == F64 && f64::from_bits(bits).is_nan();
                self.mix(if is_nan { 0 } else { low });
                self.mix(if is_nan { 0x7ff8_0000 } else { high });
            }
        }
    }
}

fn finish(mut x: u32) -> u32 {
    x = (x ^ x >> 16).wrapping_mul(0x85eb_ca6b);
    x = (x ^ x >> 13).wrapping_mul(0xc2b2_ae35);
    x ^ x >> 16
}

/// The state hash of docs/abi.md, as 16 hex digits.
pub fn state_hash(memory: &[u8], layout: &Layout, next_tick: u32) -> String {
    let mut mixer = Mixer { a: 0x9747_b28c, b: 0x2c1b_3c6d };
    mixer.mix(next_tick);
    for i in 0..4 {
        mixer.mix(u32_at(memory, layout.ctx + 20 + i * 4));
    }
    for table in &layout.tables {
        let used = u32_at(memory, table.used).min(table.capacity);
        let generation = |row| u16_at(memory, table.generations + row * 2);
        let live: Vec<u32> = (0..used).filter(|&row| generation(row) != 0).collect();
        for &row in &live {
            mixer.mix(row);
            mixer.mix(generation(row));
        }
        for column in &table.columns {
            for &row in &live {
                mixer.value(memory, column, row);
            }
        }
    }
    format!("{:08x}{:08x}", finish(mixer.a), finish(mixer.b))
}
