import { buildGame } from "./build-game.ts";

/**
 * A process that builds drafts of games when its parent asks: it stays warm between builds, which makes the
 * second one several times faster than a new process.
 */
export interface BuildRequest {
	readonly id: number;
	readonly folder: string;
	readonly outFile: string;
}

export interface BuildAnswer {
	readonly id: number;
	/** Null when the module was built. */
	readonly problem: { readonly error: string; readonly detail: string } | null;
}

process.on("message", (request: BuildRequest) => {
	const { id, folder, outFile } = request;
	const answer = (problem: BuildAnswer["problem"]): void => {
		process.send?.({ id, problem } satisfies BuildAnswer);
	};
	buildGame(folder, outFile, true).then(
		(built) => answer("error" in built ? built : null),
		(thrown: Error) => answer({ error: "ERR_BUILD", detail: thrown.message }),
	);
});
process.on("disconnect", () => process.exit(0));
