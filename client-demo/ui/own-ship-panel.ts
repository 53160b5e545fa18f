import { NOBODY, SHIELD_FULL } from "../../game-logic/arena/constants.ts";
import type { ArenaRoom, Scene } from "../draw/scene.ts";

const TICK_MS = 1000 / 60;

interface OwnShipElements {
	readonly gauge: HTMLElement;
	readonly bar: HTMLElement;
	readonly shield: HTMLElement;
	readonly respawn: HTMLElement;
	readonly cause: HTMLElement;
	readonly countdown: HTMLElement;
}

/** How the own ship does: its shield, or who shot it down and when it comes back. */
export class OwnShipPanel {
	private readonly elements: OwnShipElements;
	private shown = -1;
	private isDead = false;
	private cause = "";
	private seconds = -1;

	constructor(elements: OwnShipElements) {
		this.elements = elements;
	}

	listenTo(room: ArenaRoom): void {
		room.on("kill", ({ killer, victim }) => {
			if (victim !== room.player) return;
			const by = room.roster.get(killer);
			this.cause =
				killer === NOBODY || by === undefined ? "Your ship is lost." : `${by} shot you down.`;
			this.elements.cause.textContent = this.cause;
		});
	}

	update(scene: Scene): void {
		const { state, ownRow, isOwnDead } = scene;
		if (!state || ownRow < 0) return;
		this.showShield(isOwnDead ? 0 : state.ship.shield[ownRow]);
		if (isOwnDead !== this.isDead) {
			this.isDead = isOwnDead;
			this.seconds = -1;
			this.elements.respawn.hidden = !isOwnDead;
			if (isOwnDead) this.elements.cause.textContent = this.cause || "Your ship is lost.";
			else this.cause = "";
		}
		if (isOwnDead) this.showCountdown(state.ship.timer[ownRow]);
	}

	private showShield(value: number): void {
		const whole = Math.round(value);
		if (whole === this.shown) return;
		this.shown = whole;
		const share = Math.min(1, whole / SHIELD_FULL);
		const { gauge, bar, shield } = this.elements;
		bar.style.transform = `scaleX(${share})`;
		gauge.classList.toggle("low", share < 0.4);
		shield.textContent = String(whole);
	}

	private showCountdown(timerTicks: number): void {
		const leftMs = timerTicks * TICK_MS;
		const seconds = Math.max(1, Math.ceil(leftMs / 1000));
		if (seconds === this.seconds) return;
		this.seconds = seconds;
		this.elements.countdown.textContent = `Back in ${seconds} …`;
	}
}
