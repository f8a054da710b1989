import { describe, expect, test } from "vitest";
import { OP_DEFS } from "../../../src/gen/opdefs.js";
import {
	inputNames,
	opDef,
	outputCount,
	outputIndex,
	parseOpDef,
} from "../../../src/lib/ops/opdef.js";

describe("opDef()", () => {
	// expected definitions: the REGISTER_OP calls of tensorflow/core/ops
	test("tells inputs, outputs and attributes with their defaults", () => {
		expect(opDef("Conv2D")).toEqual({
			name: "Conv2D",
			inputs: [
				{ name: "input", typeAttr: "T", ref: false },
				{ name: "filter", typeAttr: "T", ref: false },
			],
			outputs: [{ name: "output", typeAttr: "T", ref: false }],
			attrs: new Map(
				Object.entries({
					T: { type: "type" },
					strides: { type: "list(int)" },
					use_cudnn_on_gpu: { type: "bool", default: true },
					padding: { type: "string" },
					explicit_paddings: { type: "list(int)", default: [] },
					data_format: { type: "string", default: "NHWC" },
					dilations: { type: "list(int)", default: [1, 1, 1, 1] },
				}),
			),
			stateful: false,
		});
	});

	test("tells fixed types, lists by number and lists by types apart", () => {
		const parse = opDef("ParseExampleV2");
		expect(parse?.inputs.at(-1)).toEqual({
			name: "dense_defaults",
			typeListAttr: "Tdense",
			ref: false,
		});
		expect(parse?.outputs[0]).toEqual({
			name: "sparse_indices",
			type: "int64",
			numberAttr: "num_sparse",
			ref: false,
		});
		expect(opDef("ConcatV2")?.inputs[0]).toEqual({
			name: "values",
			typeAttr: "T",
			numberAttr: "N",
			ref: false,
		});
	});

	test("knows operations of TensorFlow 1, their references and their state", () => {
		const variable = opDef("VariableV2");
		expect(variable?.stateful).toBe(true);
		expect(variable?.outputs).toEqual([
			{ name: "ref", typeAttr: "dtype", ref: true },
		]);
		expect(opDef("Switch")?.outputs.map(({ name }) => name)).toEqual([
			"output_false",
			"output_true",
		]);
	});

	test.each([
		["Max", "Tidx", "int32"],
		["PrintV2", "end", "\n"],
		["DecodeCSV", "field_delim", ","],
		["StringFormat", "template", "%s"],
		["FusedBatchNormV3", "epsilon", Math.fround(0.0001)],
		["LeakyRelu", "alpha", Math.fround(0.2)],
		["_FusedMatMul", "fused_ops", []],
		["Placeholder", "shape", { dims: undefined }],
		["MutableDenseHashTableV2", "value_shape", { dims: [] }],
		["SnapshotDataset", "shard_size_bytes", 10737418240],
		["If", "output_shapes", []],
		["TPUPartitionedInput", "partition_dim", 0],
		["Bucketize", "boundaries", undefined],
	])("decodes the default of %s.%s", (op, attr, value) => {
		expect(opDef(op)?.attrs.get(attr)?.default).toEqual(value);
	});

	test("does not know a name outside the registry", () => {
		expect(opDef("Conv2")).toBeUndefined();
		expect(opDef("constructor")).toBeUndefined();
		expect(opDef("")).toBeUndefined();
	});

	test("parses every row", () => {
		const rows = OP_DEFS.split("\n");
		expect(rows.length).toBeGreaterThan(1900);
		for (const row of rows) {
			const { name, inputs, outputs, attrs } = parseOpDef(row);
			expect(opDef(name)).toBeDefined();
			for (const arg of [...inputs, ...outputs])
				for (const attr of [arg.typeAttr, arg.numberAttr, arg.typeListAttr])
					if (attr !== undefined)
						expect(attrs.get(attr), `${name}.${attr}`).toBeDefined();
		}
	});
});

describe("parseOpDef()", () => {
	test("decodes infinities and lists of types and shapes", () => {
		const { attrs } = parseOpDef(
			'Made! -> ; low:f="-Infinity" types:[t=["int32"] shapes:[h=[[],null,[-1,2]] text:[s=["a\\u0020b"]',
		);
		expect([...attrs].map(([, { default: value }]) => value)).toEqual([
			-Infinity,
			["int32"],
			[{ dims: [] }, { dims: undefined }, { dims: [-1, 2] }],
			["a b"],
		]);
	});
});

describe("outputIndex()", () => {
	const parse = parseOpDef(
		"Made x:T -> a:n*int64 b:*types c:T ; T:t n:i types:[t",
	);
	const attrs = { T: "float32", n: 2, types: ["float32", "string", "int64"] };

	test("counts the lists before the output", () => {
		expect(outputIndex(parse, attrs, "a", 1)).toBe(1);
		expect(outputIndex(parse, attrs, "b", 0)).toBe(2);
		expect(outputIndex(parse, attrs, "b", 2)).toBe(4);
		expect(outputIndex(parse, attrs, "c", 0)).toBe(5);
		expect(outputCount(parse, attrs)).toBe(6);
		expect(outputCount(parse, { ...attrs, n: 0, types: [] })).toBe(1);
	});

	test("takes the registry's default where an attribute was stripped", () => {
		const bounded = parseOpDef("Made -> a:n*T b:T ; T:t n:i=3");
		expect(outputIndex(bounded, {}, "b", 0)).toBe(3);
	});

	test("refuses an output that is not there, and names those that are", () => {
		expect(() => outputIndex(parse, { ...attrs, types: [] }, "b", 0)).toThrow(
			'cannot find output "b:0" of Made: it has a[0], a[1], c',
		);
	});

	test.each([
		[undefined, "missing"],
		[-1, "-1"],
		[2 ** 31, "2147483648"],
		[NaN, "NaN"],
	])("refuses a count of %s", (n, found) => {
		expect(() =>
			outputCount(parse, { types: [], ...(n === undefined ? {} : { n }) }),
		).toThrow(
			`cannot count the tensors of a Made: attribute "n" is ${found}, wanted 0 to 65536`,
		);
	});
});

describe("inputNames()", () => {
	test("names each flat input", () => {
		const concat = opDef("ConcatV2");
		if (concat === undefined) throw new Error("ConcatV2 is not in the table");
		expect(inputNames(concat, { N: 2 })).toEqual([
			"values[0]",
			"values[1]",
			"axis",
		]);
	});
});
