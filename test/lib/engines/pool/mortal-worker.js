import { threadId } from "node:worker_threads";
import { serveModel } from "../../../../dist/lib/engines/pool/serve.js";

/**
 * Answers the source it was opened with and its thread, the kept `variable` and whether that is the one of the run before.
 * An `x` of 1 makes it exit, 2 fail outside of any run, 3 set the variable to one more.
 */
serveModel(async (source) => {
	if (source < 0) throw new Error("no such model");
	if (source === 0) process.exit(7);
	let last;
	return {
		run: async ({ x, variable }) => {
			const [what] = x.data;
			if (what === 1) process.exit(5);
			if (what === 2)
				await new Promise(() => {
					setImmediate(() => {
						throw new Error("out of luck");
					});
				});
			const y = floats([2], Float32Array.of(source, threadId));
			if (variable === undefined) return { y };
			const isSame = floats([], Float32Array.of(variable === last ? 1 : 0));
			last = variable;
			if (what !== 3) return { y, v: variable, isSame };
			last = floats(
				variable.shape,
				variable.data.map((value) => value + 1),
			);
			return { y, v: variable, isSame, variable: last };
		},
		close: async () => undefined,
	};
});

function floats(shape, data) {
	return { dtype: "float32", shape, data };
}
