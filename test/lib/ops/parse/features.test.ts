import { fileURLToPath } from "node:url";
import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { GraphDefSchema } from "../../../../src/gen/graph_pb.js";
import { DataType } from "../../../../src/gen/tensor_pb.js";
import { floatFeatures } from "../../../../src/lib/ops/parse/features.js";
import {
	findMetaGraph,
	readSavedModel,
} from "../../../../src/lib/savedmodel/read.js";

// The models' own specifications: tf.io.parse_example(…, {"x": FixedLenFeature([1], tf.float32), …}) and the like.
test.each([
	["tensorflow-serving/saved_model_half_plus_two_cpu/00000123", ["x", "x2"]],
	// in functions, as TensorFlow 2 writes them
	[
		"tensorflow-serving/saved_model_half_plus_two_tf2_cpu/00000123",
		["x", "x2"],
	],
	["digits/1", []],
])("floatFeatures() of %s", (path, features) => {
	const dir = fileURLToPath(
		new URL(`../../../../fixtures/models/${path}`, import.meta.url),
	);
	const { graphDef } = findMetaGraph(readSavedModel(dir));
	expect([...floatFeatures(graphDef ?? create(GraphDefSchema))]).toEqual(
		features,
	);
});

test("floatFeatures() leaves out what is parsed in several ways", () => {
	const { DT_FLOAT, DT_INT64 } = DataType;
	const graph = create(GraphDefSchema, {
		node: [
			single("a", ["x", "y"], [DT_FLOAT, DT_FLOAT]),
			single("b", ["y"], [DT_INT64]),
		],
	});
	expect([...floatFeatures(graph)]).toEqual(["x"]);
});

function single(name: string, keys: string[], types: DataType[]) {
	const list = (value: object) => ({
		value: { case: "list" as const, value },
	});
	return {
		name,
		op: "ParseSingleExample",
		attr: {
			dense_keys: list({ s: keys.map((key) => Buffer.from(key)) }),
			Tdense: list({ type: types }),
		},
	};
}
