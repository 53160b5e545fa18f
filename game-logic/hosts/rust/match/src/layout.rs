use crate::{u16_at, u32_at};

pub(crate) struct Column {
    pub data: u32,
    pub kind: u8,
}

pub(crate) struct Table {
    pub capacity: u32,
    pub generations: u32,
    pub used: u32,
    pub columns: Vec<Column>,
}

/// Where a module keeps its state: what a host needs of the descriptor.
pub struct Layout {
    pub(crate) ctx: u32,
    inbox: u32,
    tick_rate: u32,
    pub(crate) tables: Vec<Table>,
}

impl Layout {
    pub fn read(memory: &[u8], descriptor: u32) -> Self {
        let table = |number| {
            let at = u32_at(memory, descriptor + 44) + number * u16_at(memory, descriptor + 50);
            let column = |number| {
                let at = u32_at(memory, at + 16) + number * u16_at(memory, at + 22);
                Column { data: u32_at(memory, at + 4), kind: memory[at as usize + 8] }
            };
            Table {
                capacity: u32_at(memory, at + 4),
                generations: u32_at(memory, at + 8),
                used: u32_at(memory, at + 12),
                columns: (0..u16_at(memory, at + 20)).map(column).collect(),
            }
        };
        Self {
            ctx: u32_at(memory, descriptor + 20),
            inbox: u32_at(memory, descriptor + 28),
            tick_rate: u16_at(memory, descriptor + 72),
            tables: (0..u16_at(memory, descriptor + 48)).map(table).collect(),
        }
    }

    /// What a host writes before a tick: the inbox, and ctx.
    pub fn write_inbox(&self, memory: &mut [u8], tick: u32, inbox: &[u8]) {
        memory[self.inbox as usize..][..inbox.len()].copy_from_slice(inbox);
        let dt = (1.0 / f64::from(self.tick_rate)) as f32;
        let words = [(0, tick), (4, inbox.len() as u32), (8, 0), (16, dt.to_bits())];
        for (offset, word) in words {
            put(memory, self.ctx + offset, word);
        }
    }

    pub fn write_random(&self, memory: &mut [u8], words: [u32; 4]) {
        for (i, word) in words.into_iter().enumerate() {
            put(memory, self.ctx + 20 + i as u32 * 4, word);
        }
    }
}

fn put(memory: &mut [u8], at: u32, word: u32) {
    memory[at as usize..][..4].copy_from_slice(&word.to_le_bytes());
}
