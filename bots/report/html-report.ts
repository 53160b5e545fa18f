export async function writeReport(_file: string, _run: unknown): Promise<void> {}
