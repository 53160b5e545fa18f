const INSTALL = "npm install --save-dev assemblyscript@0.28 esbuild@0.28";

/** Says so when what builds games is not installed: a server that only runs them does without. */
import type { Refusal } from "../../protocol/refusal.ts";
export async function missingTools(
	load: () => Promise<unknown> = () =>
		Promise.all([import("esbuild"), import("assemblyscript/asc")]),
): Promise<Refusal<"ERR_BUILD_TOOLS"> | null> {
	try {
		await load();
		return null;
	} catch (thrown) {
		const missing = /Cannot find package '([^']+)'/.exec((thrown as Error).message);
		if (!missing) throw thrown;
		return {
			error: "ERR_BUILD_TOOLS",
			detail: `building a game needs ${missing[1]}, which is not installed: ${INSTALL}`,
		};
	}
}
