/** The line that a command ends with when it cannot go on. */
export function sayError(thrown: unknown): string {
	const { code, message, name } = thrown as NodeJS.ErrnoException;
	return `hotstep: ${code === "EADDRINUSE" ? "ERR_ADDRESS_IN_USE" : name}: ${message}\n`;
}
