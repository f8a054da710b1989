import { loadOnnxFile } from "../../engines/index.js";
import { readOnnx } from "../../onnx/read.js";
import type { Result } from "./result.js";

/** An ONNX file, run by ONNX Runtime. Fails as `readOnnx`. */
export function readOnnxResult(path: string): Result {
	const model = readOnnx(path);
	const { inputs, outputs, graph } = model;
	const given = new Set(graph.output.map(({ name }) => name));
	return {
		form: "ONNX file",
		engine: "onnx",
		inputs,
		outputs,
		values: graph.node
			.flatMap(({ output }) => output)
			.filter((name) => name !== "" && !given.has(name)),
		open: async (values) => {
			const more = values.map((value) => ({
				name: inside(value),
				value,
				dtype: "float32" as const,
				shape: undefined,
			}));
			const session = await loadOnnxFile(
				{ ...model, outputs: [...outputs, ...more] },
				"onnx",
				{ workers: 0 },
			);
			return {
				run: async (tensors) => {
					const made = await session.run(tensors);
					return {
						outputs: made,
						values: Object.fromEntries(
							values.map((value) => [value, made[inside(value)]]),
						),
					};
				},
				close: () => session.close(),
			};
		},
	};
}

/** No output is called so. */
function inside(value: string): string {
	return `inside ${value}`;
}
