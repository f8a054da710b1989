import { describe, expect, test } from "vitest";
import type { Attrs } from "../../../../src/lib/graph/ir.js";
import { tensorOf } from "../../../../src/lib/host/value.js";
import type { DType } from "../../../../src/lib/tensor/dtype.js";
import { tensorFromNumbers } from "../../../../src/lib/tensor/numbers.js";
import type { Shape, Tensor } from "../../../../src/lib/tensor/tensor.js";
import { example, sequence, strings } from "../examples.js";
import { runStep } from "../steps.js";

interface Wanted {
	readonly sparse?: Readonly<Record<string, DType>>;
	readonly dense?: Readonly<Record<string, readonly [Shape, Tensor]>>;
	readonly ragged?: Readonly<Record<string, readonly [DType, DType]>>;
	readonly names?: Tensor;
}

const dims = (shape: Shape) => ({ dims: shape });
const floats = (...values: number[]) =>
	tensorFromNumbers("float32", [values.length], values);
const scalar = (value: string | Uint8Array) => ({
	...strings(value),
	shape: [],
});

function parse(
	serialized: Tensor,
	{ sparse = {}, dense = {}, ragged = {}, names = strings() }: Wanted,
) {
	const attrs: Attrs = {
		sparse_types: Object.values(sparse),
		Tdense: Object.values(dense).map(([, { dtype }]) => dtype),
		dense_shapes: Object.values(dense).map(([shape]) => dims(shape)),
		ragged_value_types: Object.values(ragged).map(([dtype]) => dtype),
		ragged_split_types: Object.values(ragged).map(([, splits]) => splits),
	};
	const keys = [sparse, dense, ragged].map((wanted) =>
		strings(...Object.keys(wanted)),
	);
	const fallbacks = Object.values(dense).map(([, fallback]) => fallback);
	return shown(
		runStep(
			"ParseExampleV2",
			[serialized, names, ...keys, ...fallbacks],
			attrs,
		),
	);
}

function shown(values: ReturnType<typeof runStep>) {
	return values.map((value) => {
		const { shape, data } = tensorOf(value);
		return [
			shape,
			Array.from<number | bigint | Uint8Array, number | string>(
				data,
				(element) =>
					typeof element === "object"
						? Buffer.from(element).toString()
						: Number(element),
			),
		];
	});
}

const a = example({ x: [1, 2], s: ["q"], n: [5n, 6n, 7n] });
const b = example({ x: [3, 4], s: ["r", "t"] });
const none = example({});
const mixed: Wanted = {
	sparse: { s: "string" },
	dense: { x: [[2], floats()] },
	ragged: { n: ["int64", "int32"] },
};

// answers of TensorFlow 2.21
describe("tf.Example messages", () => {
	test("become sparse, dense and ragged tensors", () => {
		expect(parse(strings(a, b), mixed)).toEqual([
			[
				[3, 2],
				[0, 0, 1, 0, 1, 1],
			],
			[[3], ["q", "r", "t"]],
			[[2], [2, 2]],
			[
				[2, 2],
				[1, 2, 3, 4],
			],
			[[3], [5, 6, 7]],
			[[3], [0, 3, 3]],
		]);
	});

	test("have no batch dimension where one is alone", () => {
		expect(parse(scalar(b), mixed)).toEqual([
			[
				[2, 1],
				[0, 1],
			],
			[[2], ["r", "t"]],
			[[1], [2]],
			[[2], [3, 4]],
			[[0], []],
			[[0], []],
		]);
	});

	test("may be none", () => {
		expect(parse(strings(), mixed)).toEqual([
			[[0, 2], []],
			[[0], []],
			[[2], [0, 0]],
			[[0, 2], []],
			[[0], []],
			[[1], [0]],
		]);
	});

	test.each<[string, Uint8Array]>([
		["is missing", none],
		["has no kind", example({ x: null })],
	])("take the default of a feature that %s", (_, other) => {
		const dense: Wanted["dense"] = { x: [[2], floats(8, 9)] };
		expect(parse(strings(a, other), { dense })).toEqual([
			[
				[2, 2],
				[1, 2, 8, 9],
			],
		]);
	});

	test.each<[Shape, Uint8Array, Shape, number[]]>([
		[[-1], example({ x: [3] }), [3, 2], [1, 2, 3, 7, 7, 7]],
		[
			[-1, 2],
			example({ x: [3, 4, 5, 6] }),
			[3, 2, 2],
			[1, 2, 7, 7, 3, 4, 5, 6, 7, 7, 7, 7],
		],
	])("are padded to the longest for shape %j", (shape, other, full, values) => {
		const dense: Wanted["dense"] = { x: [shape, floats(7)] };
		expect(parse(strings(a, other, none), { dense })).toEqual([[full, values]]);
	});

	test("count a feature that comes twice as it came last", () => {
		const twice = Buffer.concat([a, example({ x: [8, 9] })]);
		const dense: Wanted["dense"] = { x: [[2], floats()] };
		expect(parse(strings(twice), { dense })).toEqual([
			[
				[1, 2],
				[8, 9],
			],
		]);
	});

	test("keep integers of 64 bits, packed or not, and skip fields of later versions", () => {
		// Example { features { feature { key "n" value { int64_list { value: -1, packed 2^63-1 } } } } }, and a field 9 before it
		const bytes = Buffer.from(
			"4a0101" +
				"0a20" +
				"0a1e" +
				"0a016e" +
				"1219" +
				"1a17" +
				"08ffffffffffffffffff01" +
				"0a0a" +
				"ffffffffffffffff7f00",
			"hex",
		);
		const [values] = runStep(
			"ParseExampleV2",
			[strings(bytes), strings(), strings(), strings(), strings("n")],
			{
				sparse_types: [],
				Tdense: [],
				dense_shapes: [],
				ragged_value_types: ["int64"],
				ragged_split_types: ["int64"],
			},
		);
		expect(tensorOf(values).data).toEqual(
			BigInt64Array.of(-1n, 2n ** 63n - 1n, 0n),
		);
	});

	test.each<[string, Uint8Array, RegExp]>([
		[
			"a feature that is required",
			none,
			/example 1 of 2.*"x" \(float32\) is required/,
		],
		[
			"too few values",
			example({ x: [1] }),
			/example 1 of 2.*"x" has 1 values.*wants 2/,
		],
		[
			"values of another type",
			example({ x: [1n] }),
			/example 1 of 2.*"x".*int64.*float32/,
		],
		["bytes that are no example", Buffer.from("garbage"), /example 1 of 2/],
		["bytes that are cut", a.subarray(0, a.length - 2), /example 1 of 2/],
	])("refuse %s, with the row", (_, bytes, message) => {
		const run = () =>
			parse(strings(a, bytes), { dense: { x: [[2], floats()] } });
		expect(run).toThrow(message);
		expect(run).toThrow(expect.objectContaining({ code: "INVALID" }));
	});

	test("are called by the names that are given", () => {
		const names = strings("A", "B");
		const dense: Wanted["dense"] = { x: [[2], floats()] };
		expect(() => parse(strings(a, none), { dense, names })).toThrow(
			/example 1 of 2 \("B"\)/,
		);
	});

	test.each<[Shape, Tensor]>([
		[[2], floats(1)],
		[[-1], floats()],
		[[-1, 2], floats(1, 2)],
		[[2, -1], floats(1)],
	])("refuse a default that does not fit shape %j", (shape, fallback) => {
		expect(() =>
			parse(strings(a), { dense: { x: [shape, fallback] } }),
		).toThrow(/"x"/);
	});

	test("do not pad a batch beyond measure", () => {
		const long = example({ x: new Array<number>(300_000).fill(0) });
		const many = strings(long, ...new Array<Uint8Array>(1000).fill(none));
		expect(() => parse(many, { dense: { x: [[-1], floats(0)] } })).toThrow(
			/pad a batch/,
		);
	});
});

describe("tf.SequenceExample messages", () => {
	const p = sequence(
		{ u: [1, 2], v: [3n] },
		{ w: [[1], [2], [3]], z: [["a", "b"], ["c"]] },
	);
	const q = sequence({ v: [4n, 5n] }, { w: [[7], null], z: [] });
	const keys = (...names: string[]) => strings(...names);

	function parseLists(
		serialized: Tensor,
		lists: {
			readonly sparse?: string;
			readonly dense?: string;
			readonly ragged?: string;
			readonly mayMiss?: boolean;
		},
		dtype: DType,
	) {
		const listed = (name: string | undefined) =>
			name === undefined ? keys() : keys(name);
		const types = (name: string | undefined) =>
			name === undefined ? [] : [dtype];
		const { sparse, dense, ragged, mayMiss = false } = lists;
		return shown(
			runStep(
				"ParseSequenceExampleV2",
				[
					serialized,
					keys(),
					keys(),
					keys(),
					keys(),
					listed(sparse),
					listed(dense),
					listed(ragged),
					tensorFromNumbers("bool", [1], [Number(mayMiss)]),
				],
				{
					feature_list_sparse_types: types(sparse),
					feature_list_dense_types: types(dense),
					feature_list_dense_shapes: types(dense).map(() => dims([])),
					feature_list_ragged_value_types: types(ragged),
					feature_list_ragged_split_types: types(ragged).map(() => "int64"),
				},
			),
		);
	}

	test("become sparse lists", () => {
		expect(parseLists(strings(p, q), { sparse: "z" }, "string")).toEqual([
			[
				[3, 3],
				[0, 0, 0, 0, 0, 1, 0, 1, 0],
			],
			[[3], ["a", "b", "c"]],
			[[3], [2, 2, 2]],
		]);
	});

	test("become dense lists, padded, with their lengths", () => {
		const short = sequence({}, { w: [[7]] });
		expect(parseLists(strings(p, short), { dense: "w" }, "float32")).toEqual([
			[
				[2, 3],
				[1, 2, 3, 7, 0, 0],
			],
			[[2], [3, 1]],
		]);
	});

	test("become ragged lists of ragged features", () => {
		const gaps = sequence({}, { w: [[1], null, [3]] });
		expect(parseLists(strings(p, gaps), { ragged: "w" }, "float32")).toEqual([
			[[5], [1, 2, 3, 1, 3]],
			[[3], [0, 3, 6]],
			[[7], [0, 1, 2, 3, 4, 4, 5]],
		]);
	});

	test("may lack a dense list only where the model says so", () => {
		const lists = { dense: "none", mayMiss: true };
		expect(parseLists(strings(p, q), lists, "float32")).toEqual([
			[[2, 0], []],
			[[2], [0, 0]],
		]);
		expect(() =>
			parseLists(strings(p, q), { dense: "none" }, "float32"),
		).toThrow(/example 0 of 2: feature list "none" is required/);
	});

	test.each<[string, DType, RegExp]>([
		["w", "float32", /example 1 of 2: feature 1 of list "w" has 0 values/],
		["w", "int64", /example 0 of 2: feature "w".*float32.*int64/],
	])("refuse list %j as %s, with the row", (dense, dtype, message) => {
		expect(() => parseLists(strings(p, q), { dense }, dtype)).toThrow(message);
	});
});
