import type { Attrs } from "../../../src/lib/graph/ir.js";
import type { Tensor } from "../../../src/lib/tensor/tensor.js";
import { example, sequence, strings } from "../../lib/host/examples.js";
import { given, runKernel } from "../../run-kernel.js";
import { mutateBytes, mutateText } from "../bytes.js";
import type { Target } from "../target.js";
import { mutateMessage } from "../wire.js";

// bytes that a client's strings hold, as models parse them

const NO_NAMES = strings();
const keys = strings;
const dims = (...sizes: number[]) => ({ dims: sizes });

const EXAMPLE: Attrs = {
	sparse_types: ["string", "int64"],
	Tdense: ["float32", "int64"],
	dense_shapes: [dims(2), dims(-1)],
	ragged_value_types: ["float32"],
	ragged_split_types: ["int64"],
};

/** A tf.Example, by itself and in a batch. */
export const exampleMessage: Target = {
	name: "example-message",
	codes: ["INVALID"],
	mutate: mutateMessage,
	rounds: 2000,
	texts: [
		example({ x: [1, 2], n: [5n, -6n], s: ["q", ""], i: [7n], r: [0.5] }),
		example({ x: [0.5, 1e30], s: null, other: ["a"] }),
	],
	read: (bytes) =>
		runKernel(
			"ParseExampleV2",
			[
				strings(bytes, example({ x: [3, 4], n: [1n] })),
				...[NO_NAMES, keys("s", "i"), keys("x", "n"), keys("r")],
				...[given("float32", []), given("int64", [9])],
			],
			EXAMPLE,
		),
};

export const sequenceMessage: Target = {
	name: "sequence-message",
	codes: ["INVALID"],
	mutate: mutateMessage,
	rounds: 1000,
	texts: [sequence({ x: [1], s: ["a"] }, { l: [[1, 2], [3]], t: [["b"]] })],
	read: (bytes) =>
		runKernel(
			"ParseSequenceExampleV2",
			[
				strings(bytes),
				...[NO_NAMES, keys("s"), keys("x"), keys()],
				...[keys("t"), keys(), keys("l"), given("bool", [])],
				given("float32", [0]),
			],
			{
				Ncontext_sparse: 1,
				context_sparse_types: ["string"],
				Tcontext_dense: ["float32"],
				context_dense_shapes: [dims(1)],
				context_ragged_value_types: [],
				context_ragged_split_types: [],
				Nfeature_list_sparse: 1,
				Nfeature_list_dense: 0,
				feature_list_sparse_types: ["string"],
				feature_list_dense_types: [],
				feature_list_dense_shapes: [],
				feature_list_ragged_value_types: ["float32"],
				feature_list_ragged_split_types: ["int64"],
			},
		),
};

const scalar = (bytes: Uint8Array): Tensor => ({
	...strings(bytes),
	shape: [],
});

const WORDS = [
	...'{}[],:"\\.-e01'.split(""),
	...["null", "true", '"features"', '"feature"', '"int64List"', '"value"'],
	...['"bytesList"', '"floatList"', "1e400", '"NaN"', "9223372036854775808"],
];

export const exampleInJson: Target = {
	name: "example-in-json",
	codes: ["INVALID"],
	mutate: mutateText(WORDS),
	rounds: 2000,
	texts: [
		Buffer.from(
			'{"features": {"feature": {"a": {"int64List": {"value": ["1", 2]}}, "b": {"bytesList": {"value": ["aGk="]}}, "c": {"float_list": {"value": [1.5, "NaN"]}}}}}',
		),
	],
	read: (bytes) => runKernel("DecodeJSONExample", [strings(bytes)]),
};

export const csv: Target = {
	name: "csv",
	codes: ["INVALID"],
	mutate: mutateText(['"', '""', ",", "\n", "\r\n", "1e9", "-0x1", "nan", " "]),
	rounds: 2000,
	texts: [Buffer.from('1,2.5,"a ""b"", c",-7'), Buffer.from(",,,")],
	read: (bytes) =>
		runKernel(
			"DecodeCSV",
			[
				strings(bytes),
				...[given("int32", [1]), given("float32", [0])],
				...[given("string", ["x"]), given("int64", [2])],
			],
			{ OUT_TYPE: ["int32", "float32", "string", "int64"] },
		),
};

export const pictures: Target = {
	name: "pictures",
	codes: ["INVALID", "UNSUPPORTED"],
	mutate: mutateBytes,
	rounds: 300,
	seeds: ["fixtures/mnist/0.png", "fixtures/mnist/7.png"],
	read: (bytes) => runKernel("DecodeImage", [scalar(bytes)]),
};
