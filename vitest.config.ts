import { defineConfig } from "vitest/config";

export default defineConfig({
	resolve: {
		// tests run what users run: the built files, where a worker thread finds its own file beside the pool's
		alias: [{ find: /^((?:\.\.\/)+)src\//, replacement: "$1dist/" }],
	},
	test: {
		include: ["test/**/*.test.ts"],
		testTimeout: 60_000,
		hookTimeout: 120_000,
		// models bring threads of their own
		maxWorkers: 2,
		reporters: ["default", "./test/tally.ts"],
	},
});
