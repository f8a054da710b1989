import { threadId } from "node:worker_threads";
import { serveModel } from "../../../../dist/lib/engines/pool/serve.js";

/** Answers the source it was opened with and its thread; 1 makes it exit, 2 fail outside of any run. */
serveModel(async (source) => {
	if (source < 0) throw new Error("no such model");
	if (source === 0) process.exit(7);
	return {
		run: async ({ x }) => {
			if (x.data[0] === 1) process.exit(5);
			if (x.data[0] === 2)
				await new Promise(() => {
					setImmediate(() => {
						throw new Error("out of luck");
					});
				});
			const data = Float32Array.of(source, threadId);
			return { y: { dtype: "float32", shape: [2], data } };
		},
		close: async () => undefined,
	};
});
