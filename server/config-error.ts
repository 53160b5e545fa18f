/** A command line, environment or option that cannot be followed; the message says what to change. */
export class ConfigError extends Error {
	override readonly name = "ERR_CONFIG";
}
