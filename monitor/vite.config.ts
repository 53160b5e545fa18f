import { defineConfig } from "vite";

export default defineConfig({
	root: import.meta.dirname,
	// served below /monitor/
	base: "./",
	build: { outDir: "../dist/monitor", emptyOutDir: true, target: "es2022" },
});
