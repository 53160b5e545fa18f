import { connect } from "hotstep/client";
import type game from "../schema";
import { watchKeys } from "./keys";

const COLOURS = ["#5cc8ff", "#ffb454", "#a5e075", "#ff7aa2", "#c792ea", "#f5e663"];
/** The world, in its own units. */
const WIDTH = 800;
const HEIGHT = 500;

const canvas = document.querySelector("canvas") as HTMLCanvasElement;
const paper = canvas.getContext("2d") as CanvasRenderingContext2D;
const status = document.querySelector("#status") as HTMLElement;
const notice = document.querySelector("#notice") as HTMLElement;
const again = document.querySelector("#again") as HTMLButtonElement;

/** As many pixels as the screen has for it, however large it is shown. */
function fit(): void {
	const scale = (canvas.clientWidth / WIDTH) * devicePixelRatio;
	canvas.width = Math.round(WIDTH * scale);
	canvas.height = Math.round(HEIGHT * scale);
	paper.setTransform(scale, 0, 0, scale, 0, 0);
}

function disc(x: number, y: number, radius: number, colour: string): void {
	paper.fillStyle = colour;
	paper.beginPath();
	paper.arc(x, y, radius, 0, 7);
	paper.fill();
}

async function play(): Promise<void> {
	again.hidden = true;
	status.textContent = "Connecting …";
	// the server that this page came from
	const room = await connect<typeof game>("", {
		game: "__NAME__",
		name: `guest ${Math.floor(Math.random() * 900 + 100)}`,
	});
	const letGo = watchKeys((field, isDown) => {
		room.input[field] = isDown;
	});
	const sparks: { x: number; y: number; age: number }[] = [];
	room.on("taken", ({ x, y }) => sparks.push({ x, y, age: 0 }));
	room.onNotice((text) => {
		notice.textContent = text ?? "";
	});

	function draw(): void {
		if (room.status === "closed") {
			letGo();
			return fail(room.ending?.name ?? "");
		}
		room.update();
		paper.clearRect(0, 0, WIDTH, HEIGHT);
		const { coin, runner } = room.state;
		for (let c = 0; c < coin.used; c++) {
			if (coin.gen[c] !== 0) disc(coin.x[c], coin.y[c], 8, "#ffd75e");
		}
		for (const spark of sparks) disc(spark.x, spark.y, spark.age++ * 2, "#ffd75e22");
		while (sparks[0] && sparks[0].age >= 20) sparks.shift();
		paper.textAlign = "center";
		for (let i = 0; i < runner.used; i++) {
			if (runner.gen[i] === 0) continue;
			disc(runner.x[i], runner.y[i], 16, COLOURS[runner.player[i] % COLOURS.length] ?? "#fff");
			paper.fillStyle = "#cfd6e0";
			const name = room.roster.get(runner.player[i]) ?? "";
			paper.fillText(`${name}: ${runner.coins[i]}`, runner.x[i], runner.y[i] - 22);
		}
		status.textContent =
			room.status === "playing"
				? `Arrow keys, or a finger, to run. Ping ${Math.round(room.stats.pingMs)} ms, rules version ${room.version}.`
				: "The connection is lost. Coming back …";
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
