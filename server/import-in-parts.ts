/** Parts of the server, each little more than those before it. */
const PARTS = [
	"../protocol/index.js",
	"./module/game-module.js",
	"./room/room-directory.js",
	"./session/sessions.js",
	"./journal/room-log/room-log-writer.js",
	"./journal/room-log/read-room-log.js",
	"./recovery/room-logs.js",
	"./swap/create-deployments.js",
	"./core.js",
	"./socket/listener.js",
	"./ops/admin/admin.js",
	"./ops/metrics/write-metrics.js",
	"./open-server.js",
	"./worker/hand-over/register.js",
	"./worker/client-router.js",
	"./worker/socket-passing/self-test.js",
];

/** Loads the server part by part: Node opens all files of a program at once, and few descriptors are to be enough. */
export async function importInParts(): Promise<void> {
	for (const part of PARTS) await import(new URL(part, import.meta.url).href);
}
