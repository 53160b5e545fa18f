import type { BotsOptions } from "../options.ts";
export async function findCapacity(_o: BotsOptions, _p: (line: string) => void): Promise<{ capacity: { clients: number } }> {
	return { capacity: { clients: 0 } };
}
