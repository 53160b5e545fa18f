import { importInParts } from "../import-in-parts.ts";

await importInParts();
// what the supervisor says meanwhile waits for its listener
await import(new URL("./worker-process.js", import.meta.url).href);
