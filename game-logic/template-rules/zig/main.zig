// What happens, in Zig. Change SPEED and save: the running game changes with you in it.
const hs = @import("generated/layout.zig");
const coin = hs.coin;
const input = hs.input;
const runner = hs.runner;

pub const panic = hs.panic;
comptime {
    _ = hs; // what the server calls
}

const WIDTH: f32 = 800;
const HEIGHT: f32 = 500;
const SPEED: f32 = 220;
const REACH: f32 = 24;

pub fn init() void {
    while (coin.spawn()) |c| drop(c);
}

pub fn join(player: usize, _: []const u8) void {
    const i = runner.spawn() orelse return;
    runner.player[i] = @intCast(player);
    runner.x[i] = WIDTH / 2;
    runner.y[i] = HEIGHT / 2;
}

pub fn leave(player: usize) void {
    var runners = runner.rows();
    while (runners.next()) |i| if (runner.player[i] == player) runner.free(i);
}

pub fn tick() void {
    const way = SPEED * hs.ctx.dt;
    var runners = runner.rows();
    while (runners.next()) |i| {
        const player = runner.player[i];
        if (input.left[player]) runner.x[i] = @max(0, runner.x[i] - way);
        if (input.right[player]) runner.x[i] = @min(WIDTH, runner.x[i] + way);
        if (input.up[player]) runner.y[i] = @max(0, runner.y[i] - way);
        if (input.down[player]) runner.y[i] = @min(HEIGHT, runner.y[i] + way);
        collect(i);
    }
}

fn collect(i: usize) void {
    var coins = coin.rows();
    while (coins.next()) |c| {
        const dx = runner.x[i] - coin.x[c];
        const dy = runner.y[i] - coin.y[c];
        if (dx * dx + dy * dy > REACH * REACH) continue;
        runner.coins[i] += 1;
        hs.emit.taken(coin.x[c], coin.y[c]);
        drop(c);
    }
}

fn drop(c: usize) void {
    coin.x[c] = hs.randomBetween(20, WIDTH - 20);
    coin.y[c] = hs.randomBetween(20, HEIGHT - 20);
}
