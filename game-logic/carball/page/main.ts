import { connect, type Room } from "hotstep/client";
import type game from "../schema.ts";
import { type Held, watchDriver } from "./drive.ts";

type View = Room<typeof game>["state"];

const TEAMS = ["#5cc8ff", "#ffb454"];
/** Metres, as in field.rs. */
const HALF_LENGTH = 30;
const HALF_WIDTH = 18;
const HALF_GOAL = 4.5;
const GOAL_DEPTH = 4;
const BALL_RADIUS = 1;
const HALF_CAR = [1.2, 0.7] as const;
/** Of what is seen: the field, the nets and a margin. */
const SEEN = { width: 70, height: 40 };

const canvas = document.querySelector("canvas") as HTMLCanvasElement;
const paper = canvas.getContext("2d") as CanvasRenderingContext2D;
const status = document.querySelector("#status") as HTMLElement;
const notice = document.querySelector("#notice") as HTMLElement;
const again = document.querySelector("#again") as HTMLButtonElement;

/** The middle of the field is 0, 0, a metre is 1. */
function fit(): void {
	const scale = (canvas.clientWidth / SEEN.width) * devicePixelRatio;
	canvas.width = Math.round(SEEN.width * scale);
	canvas.height = Math.round(SEEN.height * scale);
	paper.setTransform(scale, 0, 0, scale, canvas.width / 2, canvas.height / 2);
}

function drawField(): void {
	paper.clearRect(-SEEN.width / 2, -SEEN.height / 2, SEEN.width, SEEN.height);
	paper.lineWidth = 0.2;
	paper.strokeStyle = "#5f7a6b";
	paper.strokeRect(-HALF_LENGTH, -HALF_WIDTH, 2 * HALF_LENGTH, 2 * HALF_WIDTH);
	paper.beginPath();
	paper.moveTo(0, -HALF_WIDTH);
	paper.lineTo(0, HALF_WIDTH);
	paper.arc(0, 0, 6, Math.PI / 2, 2.5 * Math.PI);
	paper.stroke();
	for (const [side, colour] of [
		[-1, TEAMS[0]],
		[1, TEAMS[1]],
	] as const) {
		paper.fillStyle = `${colour}55`;
		const x = side < 0 ? -HALF_LENGTH - GOAL_DEPTH : HALF_LENGTH;
		paper.fillRect(x, -HALF_GOAL, GOAL_DEPTH, 2 * HALF_GOAL);
	}
}

function drawCars({ car }: View, nameOf: (player: number) => string): void {
	paper.font = "1.1px system-ui";
	paper.textAlign = "center";
	for (let i = 0; i < car.used; i++) {
		if (car.gen[i] === 0) continue;
		paper.save();
		paper.translate(car.x[i], car.y[i]);
		paper.fillStyle = "#cfd6e0";
		paper.fillText(nameOf(car.player[i]), 0, -1.8);
		paper.rotate(car.angle[i]);
		paper.fillStyle = TEAMS[car.team[i]] ?? "#fff";
		paper.fillRect(-HALF_CAR[0], -HALF_CAR[1], 2 * HALF_CAR[0], 2 * HALF_CAR[1]);
		paper.fillStyle = "#14161a";
		paper.fillRect(0.2, -HALF_CAR[1] + 0.15, 0.5, 2 * HALF_CAR[1] - 0.3);
		paper.restore();
	}
}

function drawBall({ ball }: View): void {
	if (ball.used === 0) return;
	paper.save();
	paper.translate(ball.x[0], ball.y[0]);
	paper.rotate(ball.angle[0]);
	paper.fillStyle = "#f4f4f4";
	paper.beginPath();
	paper.arc(0, 0, BALL_RADIUS, 0, 2 * Math.PI);
	paper.fill();
	paper.fillStyle = "#333";
	paper.fillRect(-0.1, -BALL_RADIUS * 0.8, 0.2, BALL_RADIUS * 0.8);
	paper.restore();
}

function statusOf({ status: state, stats, state: view }: Room<typeof game>): string {
	if (state !== "playing") return "The connection is lost. Coming back …";
	const { score } = view;
	const result = score.used > 0 ? `${score.left[0]} : ${score.right[0]}` : "";
	return `${result} — arrow keys or a finger to drive, space to boost. Ping ${Math.round(stats.pingMs)} ms.`;
}

async function play(): Promise<void> {
	again.hidden = true;
	status.textContent = "Connecting …";
	const room = await connect<typeof game>("", {
		game: "carball",
		name: `guest ${Math.floor(Math.random() * 900 + 100)}`,
	});
	Object.assign(window, { room });
	const letGo = watchDriver((held: Held) => Object.assign(room.input, held));
	room.onNotice((text) => {
		notice.textContent = text ?? "";
	});
	function draw(): void {
		if (room.status === "closed") {
			letGo();
			return fail(room.ending?.name ?? "");
		}
		room.update();
		drawField();
		drawCars(room.state, (player) => room.roster.get(player) ?? "");
		drawBall(room.state);
		status.textContent = statusOf(room);
		requestAnimationFrame(draw);
	}
	draw();
}

function fail(why: string): void {
	status.textContent = `Not connected: ${why}`;
	again.hidden = false;
}

function start(): void {
	play().catch((error: Error) => fail(error.name));
}

addEventListener("resize", fit);
again.addEventListener("click", start);
fit();
start();
