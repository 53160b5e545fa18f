// Plays a match away from the page, which would stand still meanwhile, and tells it every line.
import { runMatch } from "./run-match.js";

addEventListener("message", ({ data: { bytes, imageTick } }) => {
	let lines = [];
	const tell = () => {
		postMessage({ lines });
		lines = [];
	};
	const say = (line) => {
		if (lines.push(line) >= 256) tell();
	};
	let image = null;
	try {
		image = runMatch(bytes, { say, now: () => performance.now(), imageTick });
	} catch (thrown) {
		say(`fail ${thrown.message}`);
	}
	tell();
	postMessage({ isOver: true, image });
});
