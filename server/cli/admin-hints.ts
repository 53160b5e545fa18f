/** Advice for answers without a detail. */
export const ADMIN_HINTS: Readonly<Record<string, string>> = {
	ERR_ADMIN_OFF: "the server was started without --admin-token",
	ERR_ADMIN_TOKEN: "the server has another admin token",
	ERR_ADMIN_REMOTE: "the server takes this from its own machine only, or with --admin-remote",
	ERR_NOT_FOUND: "there is no Hotstep server at --url, or it cannot do this",
};
