import type { Refusal } from "../../protocol/refusal.ts";
import { buildGame } from "./build-game.ts";
import { buildHooks, hooksFileOf } from "./build-hooks.ts";
import { buildPage } from "./build-page.ts";

/**
 * A process that builds drafts of games when its parent asks: it stays warm between builds, which makes the
 * second one several times faster than a new process.
 */
interface BuildRequest {
	readonly id: number;
	readonly folder: string;
	readonly outFile: string;
	/** Where the game's page goes, if it has one. */
	readonly pageFolder: string;
}

interface BuildAnswer {
	readonly id: number;
	/** Null when the module was built. */
	readonly problem: Refusal | null;
}

process.on("message", (request: BuildRequest) => {
	const { id, folder, outFile, pageFolder } = request;
	const answer = (problem: BuildAnswer["problem"]): void => {
		process.send?.({ id, problem } satisfies BuildAnswer);
	};
	const build = async (): Promise<BuildAnswer["problem"]> => {
		const [built, ...problems] = await Promise.all([
			buildGame(folder, outFile, true),
			buildPage(folder, pageFolder),
			buildHooks(folder, hooksFileOf(outFile)),
		]);
		return "error" in built ? built : (problems.find((problem) => problem !== null) ?? null);
	};
	build().then(answer, (thrown: Error) => answer({ error: "ERR_BUILD", detail: thrown.message }));
});
process.on("disconnect", () => process.exit(0));
