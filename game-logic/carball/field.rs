// The field, in metres from its middle: goals are gaps in the short sides, with a net behind.
pub const HALF_LENGTH: f32 = 30.0;
pub const HALF_WIDTH: f32 = 18.0;
pub const HALF_GOAL: f32 = 4.5;
pub const GOAL_DEPTH: f32 = 4.0;
pub const BALL_RADIUS: f32 = 1.0;
/// Thick enough that nothing passes through within a tick.
const HALF_WALL: f32 = 1.0;

/// A wall: its middle, and half of its size.
pub struct Wall {
    pub x: f32,
    pub y: f32,
    pub half_x: f32,
    pub half_y: f32,
}

const fn wall(x: f32, y: f32, half_x: f32, half_y: f32) -> Wall {
    Wall { x, y, half_x, half_y }
}

const SIDE_MIDDLE: f32 = (HALF_WIDTH + HALF_GOAL) / 2.0;
const SIDE_HALF: f32 = (HALF_WIDTH - HALF_GOAL) / 2.0;
const END: f32 = HALF_LENGTH + HALF_WALL;
const NET: f32 = HALF_LENGTH + GOAL_DEPTH + HALF_WALL;
const NET_MIDDLE: f32 = HALF_LENGTH + GOAL_DEPTH / 2.0;

pub const WALLS: [Wall; 12] = [
    wall(0.0, HALF_WIDTH + HALF_WALL, NET, HALF_WALL),
    wall(0.0, -HALF_WIDTH - HALF_WALL, NET, HALF_WALL),
    wall(-END, SIDE_MIDDLE, HALF_WALL, SIDE_HALF),
    wall(-END, -SIDE_MIDDLE, HALF_WALL, SIDE_HALF),
    wall(END, SIDE_MIDDLE, HALF_WALL, SIDE_HALF),
    wall(END, -SIDE_MIDDLE, HALF_WALL, SIDE_HALF),
    wall(-NET, 0.0, HALF_WALL, HALF_GOAL),
    wall(NET, 0.0, HALF_WALL, HALF_GOAL),
    wall(-NET_MIDDLE, HALF_GOAL + HALF_WALL, GOAL_DEPTH / 2.0, HALF_WALL),
    wall(-NET_MIDDLE, -HALF_GOAL - HALF_WALL, GOAL_DEPTH / 2.0, HALF_WALL),
    wall(NET_MIDDLE, HALF_GOAL + HALF_WALL, GOAL_DEPTH / 2.0, HALF_WALL),
    wall(NET_MIDDLE, -HALF_GOAL - HALF_WALL, GOAL_DEPTH / 2.0, HALF_WALL),
];
