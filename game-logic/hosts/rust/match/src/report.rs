use crate::{Layout, Match, Result, state_hash};
use std::time::{Duration, Instant};

/// Reads the arguments of a host, and says what it has to say: MATCH [TICK IMAGE]
pub struct Report {
    pub game: Match,
    image: Option<(u32, String)>,
    started: Instant,
    ticks: u32,
    spent: Duration,
}

impl Report {
    /// Runs a host, whose name and version `engine` is.
    pub fn run(engine: &str, host: impl FnOnce(&mut Self) -> Result<()>) {
        println!("engine {engine}");
        if let Err(error) = Self::open().and_then(|mut report| host(&mut report)) {
            println!("fail {}", error.to_string().replace('\n', " "));
        }
    }

    fn open() -> Result<Self> {
        let mut args = std::env::args().skip(1);
        let game = Match::read(&args.next().ok_or("name a match file")?)?;
        let image = match (args.next(), args.next()) {
            (Some(tick), Some(file)) => Some((tick.parse()?, file)),
            _ => None,
        };
        let (started, spent) = (Instant::now(), Duration::ZERO);
        Ok(Self { game, image, started, ticks: 0, spent })
    }

    /// The first state is there.
    pub fn started(&mut self) {
        println!("start {}", self.started.elapsed().as_nanos());
    }

    /// A tick is done, from its inbox to the return of `hs_tick`. True when an image is asked for.
    pub fn tick(
        &mut self,
        (tick, fuel, spent): (u32, i32, Duration),
        memory: &[u8],
        layout: &Layout,
    ) -> bool {
        let hash = state_hash(memory, layout, tick + 1);
        println!("tick {tick} {hash} {fuel}");
        self.ticks += 1;
        self.spent += spent;
        self.image.as_ref().is_some_and(|(last, _)| *last == tick)
    }

    /// Writes an image: memory, then 8 bytes for each global.
    pub fn write_image(&self, memory: &[u8], globals: impl Iterator<Item = u64>) -> Result<()> {
        let (_, file) = self.image.as_ref().ok_or("no image was asked for")?;
        let mut image = memory.to_vec();
        for value in globals {
            image.extend(value.to_le_bytes());
        }
        Ok(std::fs::write(file, image)?)
    }

    pub fn end(&self) {
        println!("end {} {}", self.ticks, self.spent.as_nanos());
    }
}
