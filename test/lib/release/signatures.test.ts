import { expect, test } from "vitest";
import { compareSignatures } from "../../../src/lib/release/diff/signatures.js";
import type {
	PortSummary,
	SignatureSummary,
} from "../../../src/lib/savedmodel/summary.js";
import type { Shape } from "../../../src/lib/tensor/tensor.js";

function port(
	name: string,
	shape: Shape = [-1, 3],
	changes: Partial<PortSummary> = {},
): PortSummary {
	return {
		...{ name, shape, dtype: "float32", kind: "dense" },
		...{ tensorNames: [`${name}:0`], hasDefault: false },
		...changes,
	};
}

function signature(changes: Partial<SignatureSummary> = {}): SignatureSummary {
	return {
		key: "serving_default",
		methodName: "tensorflow/serving/predict",
		inputs: [port("x")],
		outputs: [port("y")],
		...changes,
	};
}

test.each<[string, Partial<SignatureSummary>, Partial<SignatureSummary>]>([
	["an input is gone", { inputs: [port("x"), port("z")] }, {}],
	["an input is new and wanted", {}, { inputs: [port("x"), port("z")] }],
	["an input has another name", {}, { inputs: [port("image")] }],
	[
		"an input has another type",
		{},
		{ inputs: [port("x", [-1, 3], { dtype: "uint8" })] },
	],
	["an input has another size", {}, { inputs: [port("x", [-1, 4])] }],
	["an input takes one row alone", {}, { inputs: [port("x", [1, 3])] }],
	["an input has another rank", {}, { inputs: [port("x", [-1, 3, 1])] }],
	[
		"an input's rank is known now",
		{ inputs: [port("x", [], { shape: undefined })] },
		{},
	],
	[
		"an input may not be left out any more",
		{ inputs: [port("x"), port("z", [], { hasDefault: true })] },
		{ inputs: [port("x"), port("z", [])] },
	],
	// rows without names stand for the only input (json_tensor.cc)
	[
		"a second input, even one with a default",
		{},
		{ inputs: [port("x"), port("z", [], { hasDefault: true })] },
	],
	["an output is gone", { outputs: [port("y"), port("z")] }, {}],
	["an output has another size", {}, { outputs: [port("y", [-1, 4])] }],
	["an output's size is open now", {}, { outputs: [port("y", [-1, -1])] }],
	// a single output is answered without its name (json_tensor.cc)
	["a second output", {}, { outputs: [port("y"), port("z")] }],
	[
		"classify becomes predict",
		{ methodName: "tensorflow/serving/classify" },
		{},
	],
	["the signature is gone", {}, { key: "other" }],
])("%s: callers of the first are broken", (_, from, to) => {
	const changes = compareSignatures([signature(from)], [signature(to)]);
	expect(changes.some(({ isBreaking }) => isBreaking)).toBe(true);
});

test.each<[string, Partial<SignatureSummary>, Partial<SignatureSummary>]>([
	["nothing differs", {}, {}],
	[
		"tensors of the graph are called otherwise",
		{},
		{ inputs: [port("x", [-1, 3], { tensorNames: ["a:0"] })] },
	],
	["an input's size is open now", {}, { inputs: [port("x", [-1, -1])] }],
	[
		"an input takes any rank",
		{},
		{ inputs: [port("x", [], { shape: undefined })] },
	],
	["an output's size is known now", { outputs: [port("y", [-1, -1])] }, {}],
	[
		"a third output",
		{ outputs: [port("y"), port("z")] },
		{ outputs: [port("y"), port("z"), port("w")] },
	],
	[
		"a third input that may be left out",
		{ inputs: [port("x"), port("z")] },
		{ inputs: [port("x"), port("z"), port("w", [], { hasDefault: true })] },
	],
])("%s: callers of the first go on", (_, from, to) => {
	const changes = compareSignatures([signature(from)], [signature(to)]);
	expect(changes.filter(({ isBreaking }) => isBreaking)).toEqual([]);
});
