import type { Camera } from "./camera.ts";
import type { ArenaState } from "./scene.ts";
import { seatTint, tintOf } from "./tints.ts";

/** Units of a bullet's way that its trail covers, and the width of trail and glow. */
const TRAIL = 62;
const TRAIL_WIDTH = 9;
const GLOW = 30;

/** Draws bullets as lights with a trail along the way that they came. */
export class BulletPainter {
	private table: ArenaState["bullet"] | null = null;
	/** Where each was first seen: bullets fly straight, so that gives the direction. */
	private gen = new Uint16Array(0);
	private fromX = new Float32Array(0);
	private fromY = new Float32Array(0);

	draw(context: CanvasRenderingContext2D, { bullet }: ArenaState, camera: Camera): void {
		this.fit(bullet);
		context.globalCompositeOperation = "lighter";
		for (let i = 0; i < bullet.used; i++) {
			const gen = bullet.gen[i];
			if (gen === 0) continue;
			const x = bullet.x[i];
			const y = bullet.y[i];
			if (this.gen[i] !== gen) {
				this.gen[i] = gen;
				this.fromX[i] = x;
				this.fromY[i] = y;
			}
			if (!camera.sees(x, y, TRAIL)) continue;
			const { glow, streak } = tintOf(seatTint(bullet.shooter[i]));
			const wayX = x - this.fromX[i];
			const wayY = y - this.fromY[i];
			const way = Math.sqrt(wayX * wayX + wayY * wayY);
			if (way > 1) {
				const length = Math.min(TRAIL, way);
				camera.toPlace(context, x, y, wayX / way, wayY / way, 1);
				context.drawImage(streak, 4 - length, -TRAIL_WIDTH / 2, length, TRAIL_WIDTH);
			} else camera.toPlace(context, x, y, 1, 0, 1);
			context.drawImage(glow, -GLOW / 2, -GLOW / 2, GLOW, GLOW);
		}
		context.globalCompositeOperation = "source-over";
	}

	/** A new table, after a reconnection or a swap, knows nothing of the old rows. */
	private fit(bullet: ArenaState["bullet"]): void {
		if (this.table === bullet) return;
		this.table = bullet;
		this.gen = new Uint16Array(bullet.capacity);
		this.fromX = new Float32Array(bullet.capacity);
		this.fromY = new Float32Array(bullet.capacity);
	}
}
