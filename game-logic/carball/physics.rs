// One step of rapier's world, and nothing of Hotstep: the same file is compiled for this machine where its cost is
// compared.
use rapier2d::prelude::*;

use crate::field::{BALL_RADIUS, WALLS};

/// What is kept of a body from tick to tick: metres, radians, and each of them in a second.
#[derive(Clone, Copy, Default)]
pub struct Body {
    pub x: f32,
    pub y: f32,
    pub angle: f32,
    pub vx: f32,
    pub vy: f32,
    pub spin: f32,
}

/// What a driver does: steer and throttle from -1 to 1.
pub struct Drive {
    pub steer: f32,
    pub throttle: f32,
    pub boosts: bool,
}

const HALF_CAR: (f32, f32) = (1.2, 0.7);
/// Metres per second, gained in a second.
const PUSH: f32 = 18.0;
const BOOST: f32 = 22.0;
/// Radians per second at full lock, and the speed from which a car turns as fast as it can.
const TURN: f32 = 3.4;
const FULL_TURN_SPEED: f32 = 7.0;
/// Share of the sideways speed that tyres take away in a second.
const GRIP: f32 = 6.0;

pub struct World {
    all: PhysicsWorld,
}

impl World {
    pub fn new(dt: f32) -> Self {
        let mut all = PhysicsWorld::new();
        all.gravity = Vector::new(0.0, 0.0);
        all.integration_parameters.dt = dt;
        for wall in &WALLS {
            let shape = ColliderBuilder::cuboid(wall.half_x, wall.half_y)
                .translation(Vector::new(wall.x, wall.y))
                .restitution(0.6)
                .friction(0.2);
            all.colliders.insert(shape);
        }
        Self { all }
    }

    fn add(&mut self, body: &Body, damping: f32, shape: ColliderBuilder) -> RigidBodyHandle {
        let builder = RigidBodyBuilder::dynamic()
            .translation(Vector::new(body.x, body.y))
            .rotation(body.angle)
            .linvel(Vector::new(body.vx, body.vy))
            .angvel(body.spin)
            .linear_damping(damping)
            .angular_damping(1.0)
            .can_sleep(false);
        self.all.insert(builder, shape).0
    }

    pub fn add_ball(&mut self, body: &Body) -> RigidBodyHandle {
        let shape = ColliderBuilder::ball(BALL_RADIUS).density(0.4).restitution(0.8).friction(0.3);
        self.add(body, 0.35, shape)
    }

    pub fn add_car(&mut self, body: &Body, drive: &Drive) -> RigidBodyHandle {
        let shape = ColliderBuilder::cuboid(HALF_CAR.0, HALF_CAR.1).density(1.0).restitution(0.3).friction(0.4);
        let handle = self.add(body, 0.9, shape);
        let dt = self.all.integration_parameters.dt;
        let car = &mut self.all.bodies[handle];
        let heading = *car.rotation() * Vector::new(1.0, 0.0);
        let across = Vector::new(-heading.y, heading.x);
        let velocity = car.linvel();
        let forwards = velocity.dot(heading);
        let push = PUSH * drive.throttle + if drive.boosts { BOOST } else { 0.0 };
        let slide = velocity.dot(across) * (GRIP * dt).min(1.0);
        car.set_linvel(velocity + heading * (push * dt) - across * slide, true);
        let turn = TURN * drive.steer * (forwards / FULL_TURN_SPEED).clamp(-1.0, 1.0);
        car.set_angvel(body.spin + (turn - body.spin) * (10.0 * dt).min(1.0), true);
        handle
    }

    pub fn step(&mut self) {
        self.all.step();
    }

    pub fn body(&self, handle: RigidBodyHandle) -> Body {
        let body = &self.all.bodies[handle];
        let (place, velocity) = (body.translation(), body.linvel());
        Body {
            x: place.x,
            y: place.y,
            angle: body.rotation().angle(),
            vx: velocity.x,
            vy: velocity.y,
            spin: body.angvel(),
        }
    }
}
