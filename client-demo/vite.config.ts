import { defineConfig } from "vite";

export default defineConfig({
	root: import.meta.dirname,
	// a proxy may serve it under a path of its own
	base: "./",
	build: { outDir: "../dist/page", emptyOutDir: true, target: "es2022" },
});
