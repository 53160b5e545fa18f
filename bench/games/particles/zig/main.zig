const hs = @import("generated/layout.zig");
const dot = hs.dot;

pub const panic = hs.panic;
comptime {
    _ = hs;
}

const count = dot.capacity;
const across = 128;
const cell_count = across * across;
const world: f32 = 1024;
const per_cell: f32 = 0.125;
const reach_2: f32 = 16;

/// Where the dots of a cell begin in `sorted`; the cell of each dot.
var starts: [cell_count + 1]usize = @splat(0);
var sorted: [count]usize = @splat(0);
var cells: [count]usize = @splat(0);

var seed: u32 = 12345;

fn next() f32 {
    seed = seed *% 1664525 +% 1013904223;
    return @as(f32, @floatFromInt(seed >> 8)) * (1.0 / 16777216.0);
}

pub fn init() void {
    while (dot.spawn()) |i| {
        dot.x[i] = next() * world;
        dot.y[i] = next() * world;
        dot.vx[i] = next() * 80 - 40;
        dot.vy[i] = next() * 80 - 40;
    }
}

fn move(places: *[count]f32, speeds: *[count]f32, dt: f32) void {
    for (places, speeds) |*place, *speed| {
        const v = speed.*;
        const p = place.* + v * dt;
        const is_out = (p < 0 and v < 0) or (p > world and v > 0);
        place.* = p;
        speed.* = if (is_out) -v else v;
    }
}

fn lane(place: f32) usize {
    const at: i32 = @intFromFloat(place * per_cell);
    return @intCast(@max(0, @min(across - 1, at)));
}

fn sort() void {
    @memset(&starts, 0);
    for (0..count) |i| {
        const c = lane(dot.y[i]) * across + lane(dot.x[i]);
        cells[i] = c;
        starts[c] += 1;
    }
    var sum: usize = 0;
    for (&starts) |*start| {
        sum += start.*;
        start.* = sum;
    }
    var i: usize = count;
    while (i > 0) {
        i -= 1;
        const start = &starts[cells[i]];
        start.* -= 1;
        sorted[start.*] = i;
    }
}

inline fn bounce(i: usize, j: usize) void {
    const dx = dot.x[j] - dot.x[i];
    const dy = dot.y[j] - dot.y[i];
    const d2 = dx * dx + dy * dy;
    if (d2 >= reach_2 or d2 == 0) return;
    const nearing = (dot.vx[j] - dot.vx[i]) * dx + (dot.vy[j] - dot.vy[i]) * dy;
    if (nearing >= 0) return;
    const share = nearing / d2;
    dot.vx[i] += share * dx;
    dot.vy[i] += share * dy;
    dot.vx[j] -= share * dx;
    dot.vy[j] -= share * dy;
}

fn collide() void {
    for (0..across) |cy| {
        for (0..across) |cx| {
            const c = cy * across + cx;
            const right: usize = @intFromBool(cx < across - 1);
            const left: usize = @intFromBool(cx > 0);
            const end = starts[c + 1 + right];
            const is_last = cy == across - 1;
            const below = if (is_last) 0 else starts[c + across - left];
            const below_end = if (is_last) 0 else starts[c + across + 1 + right];
            var a = starts[c];
            while (a < starts[c + 1]) : (a += 1) {
                const i = sorted[a];
                var b = a + 1;
                while (b < end) : (b += 1) bounce(i, sorted[b]);
                b = below;
                while (b < below_end) : (b += 1) bounce(i, sorted[b]);
            }
        }
    }
}

pub fn tick() void {
    move(&dot.x, &dot.vx, hs.ctx.dt);
    move(&dot.y, &dot.vy, hs.ctx.dt);
    sort();
    collide();
}
