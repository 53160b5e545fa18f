//! What every Hotstep game in Zig has. generated/layout.zig passes it on and adds the tables, the inputs and the
//! events of the schema.
const std = @import("std");

/// The ctx struct of the ABI, 64 bytes: the host writes it before every tick.
pub const Context = extern struct {
    /// Number of the tick being computed, from 0.
    tick: u32 = 0,
    inbox_length: u32 = 0,
    outbox_length: u32 = 0,
    flags: u32 = 0,
    /// Seconds of one tick.
    dt: f32 = 0,
    random: [4]u32 = @splat(0),
    outbox_dropped: u32 = 0,
    kept: [6]u32 = @splat(0),
};

pub var ctx: Context align(16) = .{};

/// True while a client predicts: the world holds only what the server has shown.
pub fn predicting() bool {
    return ctx.flags & 1 != 0;
}

pub const Level = enum(i32) { debug = 0, info = 1, warn = 2, err = 3 };

const host = struct {
    extern "hotstep" fn log(level: i32, text: [*]const u8, bytes: i32) void;
};

pub fn logAt(level: Level, text: []const u8) void {
    host.log(@intFromEnum(level), text.ptr, @intCast(@min(text.len, 512)));
}

/// Writes a line to the server's log. Lines are cut at 512 bytes and limited per tick by the host.
pub fn log(text: []const u8) void {
    logAt(.info, text);
}

/// The same with std.fmt: `print("wave {d}", .{n})`.
pub fn print(comptime format: []const u8, values: anytype) void {
    var line: [512]u8 = undefined;
    log(std.fmt.bufPrint(&line, format, values) catch &line);
}

/// What main.zig makes its own with `pub const panic = hs.panic;`: the message goes to the log, the tick fails.
pub const panic = std.debug.FullPanic(struct {
    fn panic(message: []const u8, _: ?usize) noreturn {
        logAt(.err, message);
        @trap();
    }
}.panic);

/// xoshiro128** 1.1 by Blackman and Vigna (public domain); its four words live in ctx, seeded by the host.
pub fn randomBits() u32 {
    const s = &ctx.random;
    const result = std.math.rotl(u32, s[1] *% 5, 7) *% 9;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = std.math.rotl(u32, s[3], 11);
    return result;
}

/// A number from 0 up to but not including 1, of 24 bits.
pub fn random() f32 {
    return @as(f32, @floatFromInt(randomBits() >> 8)) * (1.0 / 16777216.0);
}

pub fn randomBetween(least: f32, most: f32) f32 {
    return least + (most - least) * random();
}

/// A whole number from 0 up to but not including `n`; `n` must be above 0.
pub fn randomInt(n: u32) u32 {
    return @truncate(@as(u64, randomBits()) * n >> 32);
}

/// From 0 up to 1, from the tick and `key` alone: a client that predicts draws the same, and anybody could.
pub fn randomAt(key: u32) f32 {
    var z = ctx.tick *% 0x9e3779b9 +% key *% 0x85ebca6b;
    z = (z ^ (z >> 16)) *% 0x85ebca6b;
    z = (z ^ (z >> 13)) *% 0xc2b2ae35;
    z ^= z >> 16;
    return @as(f32, @floatFromInt(z >> 8)) * (1.0 / 16777216.0);
}

/// A moment between two ticks: the nearest whole number, of two the even one.
pub fn nearest(comptime T: type, x: T) T {
    const big: T = if (T == f32) 8388608.0 else 4503599627370496.0;
    if (!(@abs(x) < big)) return x;
    const rounded = (@abs(x) + big) - big;
    return if (x < 0) -rounded else rounded;
}

var outbox: []u8 = &.{};

/// For the generated code: the tick's outbox is empty again.
pub fn openOutbox(memory: []u8) void {
    outbox = memory;
    ctx.outbox_length = 0;
}

/// Appends a record to the outbox and returns its payload, or null when it is full.
pub fn append(kind: u8, target: u8, size: u32, player: u16, extra: u16) ?[]u8 {
    const padded = (size + 3) & ~@as(u32, 3);
    const length = ctx.outbox_length;
    if (length + padded > outbox.len) {
        ctx.outbox_dropped +%= 1;
        return null;
    }
    const record = outbox[length .. length + padded];
    record[0] = kind;
    record[1] = target;
    std.mem.writeInt(u16, record[2..4], @intCast(padded), .little);
    std.mem.writeInt(u16, record[4..6], player, .little);
    std.mem.writeInt(u16, record[6..8], extra, .little);
    ctx.outbox_length = length + padded;
    return record[8..];
}

/// Turns away a player who joined in this tick; `reason` is a number that the client is told.
pub fn refuse(player: usize, reason: u16) void {
    _ = append(2, 0, 8, @intCast(player), reason);
}

/// Removes a player from the room; `reason` is a number that the client is told.
pub fn kick(player: usize, reason: u16) void {
    _ = append(3, 0, 8, @intCast(player), reason);
}

/// Both follow from `gen`. used: rows at or above it are free; hint: no row below it is free.
pub const Table = extern struct { used: u32 = 0, hint: u32 = 0 };

pub fn spawnRow(gen: []u16, table: *Table) ?usize {
    // a host that predicts puts rows here and takes them away between two ticks
    var row: usize = if (predicting()) 0 else table.hint;
    while (row < gen.len and gen[row] != 0) row += 1;
    table.hint = @intCast(@min(row + 1, gen.len));
    if (row >= gen.len) return null;
    // two occupants of one row never share a tick of birth, so the tick tells them apart
    gen[row] = @intCast(1 + ctx.tick % 65535);
    if (row >= table.used) table.used = @intCast(row + 1);
    return row;
}

pub fn freeRow(gen: []u16, table: *Table, row: usize) void {
    gen[row] = 0;
    if (row < table.hint) table.hint = @intCast(row);
    while (table.used > 0 and gen[table.used - 1] == 0) table.used -= 1;
}

/// The taken rows of a table, in order. They may be freed, and others taken, on the way.
pub const Rows = struct {
    gen: [*]const u16,
    table: *const Table,
    row: usize = 0,

    pub fn next(self: *Rows) ?usize {
        while (self.row < self.table.used) {
            defer self.row += 1;
            if (self.gen[self.row] != 0) return self.row;
        }
        return null;
    }
};

/// The memory of a rewind() column: a ring of copies of whole columns, one for each of the last ticks.
pub fn Past(comptime slots: i32, comptime capacity: usize) type {
    return struct {
        /// tick + 1 of the copy in that slot, 0 for none
        stamps: *const [slots]u32,
        gens: *const [slots * capacity]u16,

        const Self = @This();

        /// Ticks of `age` that reach back at most; what is no number counts as 0.
        fn within(age: f32) f32 {
            if (!(age > 0)) return 0;
            return @min(age, @as(f32, slots));
        }

        /// The place of the value `age` ticks ago among all copies, or null for what the column holds now.
        pub fn place(self: Self, row: usize, gen: u16, age: f32) ?usize {
            const before: i32 = @intFromFloat(@ceil(within(age)));
            if (before == 0) return null;
            const now: i32 = @bitCast(ctx.tick);
            // of a row that is younger, the oldest value that is known
            var tick: i32 = @max(now -% before, 0);
            while (tick < now) : (tick += 1) {
                const slot: usize = @intCast(@rem(tick, slots));
                const at = slot * capacity + row;
                if (self.stamps[slot] == @as(u32, @intCast(tick)) + 1 and self.gens[at] == gen) return at;
            }
            return null;
        }

        /// Between two ticks: how much of the way from the one to the other.
        pub fn part(age: f32) f32 {
            const back = within(age);
            return @ceil(back) - back;
        }
    };
}
