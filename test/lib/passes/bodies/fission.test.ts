import { describe, expect, test } from "vitest";
import { loadProgram } from "../../../../src/lib/engines/index.js";
import { checkProgram } from "../../../../src/lib/graph/check.js";
import type { Node } from "../../../../src/lib/graph/ir.js";
import { fissionLoops } from "../../../../src/lib/passes/bodies/fission.js";
import { loadModel } from "../../../../src/lib/serving/load.js";
import type { DType } from "../../../../src/lib/tensor/dtype.js";
import { type Tensor, tensor } from "../../../../src/lib/tensor/tensor.js";
import { floats, int, ints } from "../../../one-node.js";
import { graph, number, programWith, withOutputs } from "../../graph/graphs.js";
import { constantOf, node } from "../../graph/programs.js";

/** `map_fn(lambda file: rest(decode_raw(file, uint8)), files)`, where `rest` ends in `y:0`; rows of a file are `decoded:0`. */
function mapped(rest: readonly Node[], shape: readonly number[], dtype: DType) {
	const loop = node("loop", "StatelessWhile", ["zero:0", "n:0", "input:x"], {
		T: ["int32", "int32", "string", dtype],
		output_shapes: [[], [], [-1], [-1, ...shape]].map((dims) => ({ dims })),
		cond: { function: "cond" },
		body: { function: "body" },
		_stacked: 1,
	});
	const ports = (prefix: string) =>
		[
			[`${prefix}i`, "int32", []],
			[`${prefix}n`, "int32", []],
			[`${prefix}files`, "string", [-1]],
		] as const;
	const body = graph(
		ports("b/"),
		[
			number("one", 1),
			number("first", 0),
			node("next", "AddV2", ["b/i", "one:0"], { T: "int32" }),
			node("file", "GatherV2", ["b/files", "b/i", "first:0"], {
				Tparams: "string",
				Tindices: "int32",
				Taxis: "int32",
				batch_dims: 0,
			}),
			node("decoded", "DecodeRaw", ["file:0"], {
				out_type: "uint8",
				little_endian: true,
			}),
			...rest,
		],
		[
			["next:0", "int32", []],
			["b/n", "int32", []],
			["b/files", "string", [-1]],
			["y:0", dtype, shape],
		],
	);
	const cond = graph(
		ports("c/"),
		[node("less", "Less", ["c/i", "c/n"], { T: "int32" })],
		[["less:0", "bool", []]],
	);
	const main = graph(
		[["input:x", "string", [-1]]],
		[
			number("zero", 0),
			node("n", "Size", ["input:x"], { T: "string", out_type: "int32" }),
			withOutputs(loop, 4),
		],
		[["loop:3", dtype]],
	);
	return programWith(main, { body, cond });
}

async function answer(
	program: ReturnType<typeof mapped>,
	...files: number[][]
): Promise<Tensor> {
	const session = await loadProgram(program, "onnx", { workers: 0 });
	const data = files.map((bytes) => Uint8Array.from(bytes));
	const x = tensor("string", [data.length], data);
	const outputs = await session.run({ "input:x": x });
	await session.close();
	return outputs["loop:3"];
}

function isCut(program: ReturnType<typeof mapped>): boolean {
	const cut = fissionLoops(
		program,
		({ op }) => op === "DecodeRaw" || op === "StatelessWhile",
	);
	checkProgram(cut);
	return cut.nodes.some(({ attrs }) => attrs._rows !== undefined);
}

const cast = node("row", "Cast", ["decoded:0"], {
	SrcT: "uint8",
	DstT: "float32",
	Truncate: false,
});
const table = [
	cast,
	constantOf("sizes", ints(2, 3)),
	node("table", "Reshape", ["row:0", "sizes:0"], {
		T: "float32",
		Tshape: "int32",
	}),
];
const FLOAT = { T: "float32" };
const slice = (attrs: Record<string, number>): Node =>
	node("y", "StridedSlice", ["table:0", "from:0", "to:0", "by:0"], {
		...FLOAT,
		Index: "int32",
		begin_mask: 0,
		end_mask: 0,
		ellipsis_mask: 0,
		new_axis_mask: 0,
		shrink_axis_mask: 0,
		...attrs,
	});
const bounds = (from: number[], to: number[], by: number[]) =>
	[ints(...from), ints(...to), ints(...by)].map((value, i) =>
		constantOf(["from", "to", "by"][i], value),
	);
const axis = (...axes: number[]) => constantOf("axis", ints(...axes));

// rows are 1 … 6, as tables of 2 by 3; what each op makes of one of them is worked out by hand
describe("what comes behind the part that runs row by row gives the same for all rows at once", () => {
	test.each<[string, readonly Node[], number[], number[]]>([
		[
			"Neg",
			[node("y", "Neg", ["table:0"], FLOAT)],
			[2, 3],
			[-1, -2, -3, -4, -5, -6],
		],
		[
			"Sub, of a vector",
			[
				constantOf("amount", floats([3], [1, 2, 3])),
				node("y", "Sub", ["table:0", "amount:0"], FLOAT),
			],
			[2, 3],
			[0, 0, 0, 3, 3, 3],
		],
		[
			"Mul, by itself",
			[node("y", "Mul", ["table:0", "table:0"], FLOAT)],
			[2, 3],
			[1, 4, 9, 16, 25, 36],
		],
		[
			"Transpose",
			[
				axis(1, 0),
				node("y", "Transpose", ["table:0", "axis:0"], {
					...FLOAT,
					Tperm: "int32",
				}),
			],
			[3, 2],
			[1, 4, 2, 5, 3, 6],
		],
		[
			"ReverseV2, from the end",
			[
				axis(-1),
				node("y", "ReverseV2", ["table:0", "axis:0"], {
					...FLOAT,
					Tidx: "int32",
				}),
			],
			[2, 3],
			[3, 2, 1, 6, 5, 4],
		],
		[
			"ReverseV2",
			[
				axis(0),
				node("y", "ReverseV2", ["table:0", "axis:0"], {
					...FLOAT,
					Tidx: "int32",
				}),
			],
			[2, 3],
			[4, 5, 6, 1, 2, 3],
		],
		[
			"Max, of an axis",
			[
				axis(0),
				node("y", "Max", ["table:0", "axis:0"], {
					...FLOAT,
					Tidx: "int32",
					keep_dims: false,
				}),
			],
			[3],
			[4, 5, 6],
		],
		[
			"ExpandDims and Squeeze",
			[
				constantOf("place", int(1)),
				node("wide", "ExpandDims", ["table:0", "place:0"], {
					...FLOAT,
					Tdim: "int32",
				}),
				node("y", "Squeeze", ["wide:0"], { ...FLOAT, squeeze_dims: [1] }),
			],
			[2, 3],
			[1, 2, 3, 4, 5, 6],
		],
		[
			"StridedSlice, of columns backwards",
			[
				...bounds([0, -1], [0, -4], [1, -1]),
				slice({ begin_mask: 1, end_mask: 1 }),
			],
			[2, 3],
			[3, 2, 1, 6, 5, 4],
		],
		[
			"StridedSlice, of one row",
			[...bounds([1], [2], [1]), slice({ shrink_axis_mask: 1 })],
			[3],
			[4, 5, 6],
		],
		[
			"StridedSlice, of the last axis",
			[...bounds([0, 1], [0, 3], [1, 1]), slice({ ellipsis_mask: 1 })],
			[2, 2],
			[2, 3, 5, 6],
		],
	])("%s", async (_, rest, shape, wanted) => {
		const program = mapped([...table, ...rest], shape, "float32");
		expect(isCut(program)).toBe(true);
		const both = await answer(program, [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]);
		expect(both.shape).toEqual([2, ...shape]);
		expect(Array.from(both.data as Float32Array)).toEqual([
			...wanted,
			...wanted,
		]);
	});
});

const mean = [
	cast,
	axis(0),
	node("y", "Mean", ["row:0", "axis:0"], {
		...FLOAT,
		Tidx: "int32",
		keep_dims: true,
	}),
];

test("rows of different sizes come back in their order", async () => {
	const program = mapped(mean, [1], "float32");
	expect(isCut(program)).toBe(true);
	const { shape, data } = await answer(program, [1, 3], [5], [7, 9], [2, 4, 6]);
	expect(shape).toEqual([4, 1]);
	expect(Array.from(data as Float32Array)).toEqual([2, 5, 8, 4]);
});

test("a row that the later part refuses is named", async () => {
	const program = mapped(
		[...table, node("y", "Neg", ["table:0"], FLOAT)],
		[2, 3],
		"float32",
	);
	const good = [1, 2, 3, 4, 5, 6];
	await expect(answer(program, good, good, [1, 2])).rejects.toThrow(
		"at row 2 of the loop",
	);
});

test("a loop stays whole where a row has another form among many", () => {
	const flat = [
		cast,
		constantOf("sizes", ints(-1)),
		node("y", "Reshape", ["row:0", "sizes:0"], { ...FLOAT, Tshape: "int32" }),
	];
	const counted = [
		cast,
		node("number", "Cast", ["b/i"], {
			SrcT: "int32",
			DstT: "float32",
			Truncate: false,
		}),
		node("y", "AddV2", ["row:0", "number:0"], FLOAT),
	];
	expect(isCut(mapped(flat, [6], "float32"))).toBe(false);
	expect(isCut(mapped(counted, [6], "float32"))).toBe(false);
	expect(
		isCut(
			mapped(
				[
					node("y", "DecodeRaw", ["file:0"], {
						out_type: "uint8",
						little_endian: true,
					}),
				],
				[6],
				"uint8",
			),
		),
	).toBe(false);
});

describe("a model that decodes pictures", () => {
	const FOLDER = "fixtures/models/image_bytes/1";

	async function classify(files: readonly Uint8Array[]) {
		const version = await loadModel(FOLDER, { workers: 0 });
		const image_bytes = tensor("string", [files.length], files);
		return version
			.use("serving_default", (session) => session.run({ image_bytes }))
			.finally(() => version.close());
	}

	test("says which picture is none", async () => {
		await expect(classify([Buffer.from("P6 1 1")])).rejects.toThrow(
			"at row 0 of the loop",
		);
	});

	test("answers no pictures with nothing", async () => {
		const { probabilities, classes } = await classify([]);
		expect(probabilities.shape).toEqual([0, 5]);
		expect(classes.shape).toEqual([0]);
	});
});
