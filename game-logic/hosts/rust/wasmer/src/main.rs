//! Runs a match file in Wasmer: wasmer-host MATCH [TICK IMAGE]

use hotstep_match::{Global, Layout, Report, Result};
use std::time::Instant;
use wasmer::{Function, Instance, Memory, Module, RuntimeError, Store, Value, imports};

fn main() {
    Report::run("Wasmer 7.4.2", play);
}

fn play(report: &mut Report) -> Result<()> {
    let mut store = Store::default();
    let module = Module::new(&store, report.game.module())?;

    // what a module may import: neither gives it a value, and an abort ends the call like a trap
    let abort = |_: i32, _: i32, _: i32, _: i32| -> std::result::Result<(), RuntimeError> {
        Err(RuntimeError::new("the module aborted"))
    };
    let log = |_level: i32, _address: i32, _bytes: i32| {};
    let imports = imports! {
        "env" => { "abort" => Function::new_typed(&mut store, abort) },
        "hotstep" => { "log" => Function::new_typed(&mut store, log) },
    };
    let instance = Instance::new(&mut store, &module, &imports)?;
    let exports = &instance.exports;
    let memory = exports.get_memory("memory")?.clone();
    let fuel = exports.get_global("hs:fuel")?;

    fuel.set(&mut store, Value::I32(report.game.start_fuel()))?;
    if let Ok(initialize) = exports.get_typed_function::<(), ()>(&store, "_initialize") {
        initialize.call(&mut store)?;
    }
    let describe = exports.get_typed_function::<(), i32>(&store, "hs_describe")?;
    let descriptor = describe.call(&mut store)?;
    let layout = Layout::read(bytes_of(&memory, &store), descriptor as u32);
    if report.game.starts_from_image() {
        restore_image(&mut store, &instance, &memory, report)?;
    } else {
        layout.write_random(bytes_of(&memory, &store), report.game.seed_words());
        layout.write_inbox(bytes_of(&memory, &store), 0, &[]);
        fuel.set(&mut store, Value::I32(report.game.start_fuel()))?;
        if let Ok(init) = exports.get_typed_function::<(), i32>(&store, "hs_init") {
            if init.call(&mut store)? != 0 {
                return Err("hs_init did not return 0".into());
            }
        }
    }
    let tick = exports.get_typed_function::<(), i32>(&store, "hs_tick")?;
    report.started();

    let budget = report.game.fuel_per_tick();
    let game = report.game.clone();
    for next in game.ticks() {
        let from = Instant::now();
        layout.write_inbox(bytes_of(&memory, &store), next.number, next.inbox);
        fuel.set(&mut store, Value::I32(budget))?;
        if tick.call(&mut store)? != 0 {
            return Err(format!("hs_tick did not return 0 in tick {}", next.number).into());
        }
        let spent = from.elapsed();
        let used = budget - fuel.get(&mut store).unwrap_i32();
        if report.tick((next.number, used, spent), bytes_of(&memory, &store), &layout) {
            let globals = global_bits(&mut store, &instance, game.globals().len());
            report.write_image(bytes_of(&memory, &store), globals.into_iter())?;
            break;
        }
    }
    report.end();
    Ok(())
}

/// All of memory, where it is now: a module may have grown it.
fn bytes_of<'a>(memory: &Memory, store: &'a Store) -> &'a mut [u8] {
    let view = memory.view(store);
    // no call into the module happens while this is held, and no other thread has the store
    unsafe { std::slice::from_raw_parts_mut(view.data_ptr(), view.data_size() as usize) }
}

/// Memory and mutable globals as they were saved.
fn restore_image(
    store: &mut Store,
    instance: &Instance,
    memory: &Memory,
    report: &Report,
) -> Result<()> {
    let bytes = report.game.memory();
    let missing = bytes.len().saturating_sub(bytes_of(memory, store).len());
    memory.grow(store, (missing / 65536) as u32)?;
    bytes_of(memory, store).copy_from_slice(bytes);
    for (i, value) in report.game.globals().into_iter().enumerate() {
        let value = match value {
            Global::I32(value) => Value::I32(value),
            Global::I64(value) => Value::I64(value),
            Global::F32(bits) => Value::F32(f32::from_bits(bits)),
            Global::F64(bits) => Value::F64(f64::from_bits(bits)),
        };
        instance.exports.get_global(&format!("hs:g{i}"))?.set(store, value)?;
    }
    Ok(())
}

fn global_bits(store: &mut Store, instance: &Instance, count: usize) -> Vec<u64> {
    let bits = |i| match instance.exports.get_global(&format!("hs:g{i}")).ok()?.get(store) {
        Value::I32(value) => Some(value as u32 as u64),
        Value::I64(value) => Some(value as u64),
        Value::F32(value) => Some(value.to_bits().into()),
        Value::F64(value) => Some(value.to_bits()),
        _ => None,
    };
    (0..count).filter_map(bits).collect()
}
