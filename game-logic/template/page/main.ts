import { connect } from "hotstep/client";
import type game from "../schema";

const COLOURS = ["#5cc8ff", "#ffb454", "#a5e075", "#ff7aa2", "#c792ea", "#f5e663"];
const KEYS = {
	ArrowLeft: "left",
	ArrowRight: "right",
	ArrowUp: "up",
	ArrowDown: "down",
} as const;

const canvas = document.querySelector("canvas") as HTMLCanvasElement;
const paper = canvas.getContext("2d") as CanvasRenderingContext2D;
const status = document.querySelector("#status") as HTMLElement;
const notice = document.querySelector("#notice") as HTMLElement;

const room = await connect<typeof game>(location.href.replace(/^http/, "ws"), {
	game: "__NAME__",
	name: `guest ${Math.floor(Math.random() * 900 + 100)}`,
});

for (const [kind, isDown] of [
	["keydown", true],
	["keyup", false],
] as const) {
	addEventListener(kind, (event) => {
		const field = KEYS[(event as KeyboardEvent).key as keyof typeof KEYS];
		if (field) room.input[field] = isDown;
	});
}

const sparks: { x: number; y: number; age: number }[] = [];
room.on("taken", ({ x, y }) => sparks.push({ x, y, age: 0 }));
room.onNotice((text) => {
	notice.textContent = text ?? "";
});

function disc(x: number, y: number, radius: number, colour: string): void {
	paper.fillStyle = colour;
	paper.beginPath();
	paper.arc(x, y, radius, 0, 7);
	paper.fill();
}

function draw(): void {
	room.update();
	paper.clearRect(0, 0, canvas.width, canvas.height);
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
			? `Arrow keys to run. Ping ${Math.round(room.stats.pingMs)} ms, rules version ${room.version}.`
			: `${room.status}: ${room.ending?.name ?? ""}`;
	requestAnimationFrame(draw);
}
draw();
