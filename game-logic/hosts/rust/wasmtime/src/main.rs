//! Runs a match file in Wasmtime: wasmtime-host MATCH [TICK IMAGE]

use hotstep_match::{Global, Layout, Report, Result};
use std::time::Instant;
use wasmtime::{Engine, Instance, Linker, Memory, Module, Store, Val};

fn main() {
    Report::run("Wasmtime 48.0.0", play);
}

fn play(report: &mut Report) -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, report.game.module())?;
    let mut store = Store::new(&engine, ());

    // what a module may import: neither gives it a value, and an abort ends the call like a trap
    let mut linker = Linker::new(&engine);
    linker.func_wrap("hotstep", "log", |_level: i32, _address: i32, _bytes: i32| {})?;
    linker.func_wrap("env", "abort", |_: i32, _: i32, _: i32, _: i32| -> wasmtime::Result<()> {
        Err(wasmtime::Error::msg("the module aborted"))
    })?;
    let instance = linker.instantiate(&mut store, &module)?;
    let memory = instance.get_memory(&mut store, "memory").ok_or("no memory")?;
    let fuel = instance.get_global(&mut store, "hs:fuel").ok_or("the module is not sealed")?;

    fuel.set(&mut store, Val::I32(report.game.start_fuel()))?;
    if let Ok(initialize) = instance.get_typed_func::<(), ()>(&mut store, "_initialize") {
        initialize.call(&mut store, ())?;
    }
    let describe = instance.get_typed_func::<(), i32>(&mut store, "hs_describe")?;
    let descriptor = describe.call(&mut store, ())?;
    let layout = Layout::read(memory.data(&store), descriptor as u32);
    if report.game.starts_from_image() {
        restore_image(&mut store, instance, memory, report)?;
    } else {
        layout.write_random(memory.data_mut(&mut store), report.game.seed_words());
        layout.write_inbox(memory.data_mut(&mut store), 0, &[]);
        fuel.set(&mut store, Val::I32(report.game.start_fuel()))?;
        if let Ok(init) = instance.get_typed_func::<(), i32>(&mut store, "hs_init") {
            if init.call(&mut store, ())? != 0 {
                return Err("hs_init did not return 0".into());
            }
        }
    }
    let tick = instance.get_typed_func::<(), i32>(&mut store, "hs_tick")?;
    report.started();

    let budget = report.game.fuel_per_tick();
    let game = report.game.clone();
    for next in game.ticks() {
        let from = Instant::now();
        layout.write_inbox(memory.data_mut(&mut store), next.number, next.inbox);
        fuel.set(&mut store, Val::I32(budget))?;
        if tick.call(&mut store, ())? != 0 {
            return Err(format!("hs_tick did not return 0 in tick {}", next.number).into());
        }
        let spent = from.elapsed();
        let used = budget - fuel.get(&mut store).unwrap_i32();
        if report.tick((next.number, used, spent), memory.data(&store), &layout) {
            let globals = global_bits(&mut store, instance, game.globals().len());
            report.write_image(memory.data(&store), globals.into_iter())?;
            break;
        }
    }
    report.end();
    Ok(())
}

/// Memory and mutable globals as they were saved.
fn restore_image(
    store: &mut Store<()>,
    instance: Instance,
    memory: Memory,
    report: &Report,
) -> Result<()> {
    let bytes = report.game.memory();
    let missing = bytes.len().saturating_sub(memory.data_size(&*store));
    memory.grow(&mut *store, missing as u64 / 65536)?;
    memory.write(&mut *store, 0, bytes)?;
    for (i, value) in report.game.globals().into_iter().enumerate() {
        let global = instance.get_global(&mut *store, &format!("hs:g{i}")).ok_or("a global less")?;
        let value = match value {
            Global::I32(value) => Val::I32(value),
            Global::I64(value) => Val::I64(value),
            Global::F32(bits) => Val::F32(bits),
            Global::F64(bits) => Val::F64(bits),
        };
        global.set(&mut *store, value)?;
    }
    Ok(())
}

fn global_bits(store: &mut Store<()>, instance: Instance, count: usize) -> Vec<u64> {
    let bits = |i| match instance.get_global(&mut *store, &format!("hs:g{i}"))?.get(&mut *store) {
        Val::I32(value) => Some(value as u32 as u64),
        Val::I64(value) => Some(value as u64),
        Val::F32(bits) => Some(bits.into()),
        Val::F64(bits) => Some(bits),
        _ => None,
    };
    (0..count).filter_map(bits).collect()
}
