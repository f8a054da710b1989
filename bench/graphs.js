import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { SavedModelSchema } from "../dist/gen/saved_model_pb.js";
import { DataType } from "../dist/gen/tensor_pb.js";

const { DT_BOOL, DT_FLOAT, DT_INT32 } = DataType;
const WIDTH = 16;
const BODY_NODES = 50;

/** Shapes that graphs of real models have, each where something else could grow faster than the graph: (count) → GraphDef's fields. */
export const GRAPHS = {
	chain: (count) => straight(count, dense),
	network: (count) => straight(count, convolution, [1, 8, 8, 8]),
	wide: (count) => wide(count),
	"host steps": (count) => straight(count, texts),
	calls: (count) => calls(count),
	loops: (count) => bodies(count, (nodes, x, i) => loop(nodes, x, i, dense)),
	"host loops": (count) =>
		bodies(count, (nodes, x, i) => loop(nodes, x, i, texts)),
	branches: (count) => bodies(count, branch),
	frames: (count) => frames(count),
};

/** Writes a SavedModel whose graph has about so many nodes, in bodies and behind calls too. */
export function writeGraph(folder, shape, count) {
	writeModel(folder, GRAPHS[shape](count));
}

/** Writes a SavedModel from `x` to `y`, both floats; `shape` is that of `x`, and of `y` where `outputShape` does not say otherwise. */
export function writeModel(
	folder,
	{ nodes, functions = [], output, shape, outputShape = shape },
) {
	const port = (name, dims) => ({
		encoding: { case: "name", value: name },
		dtype: DT_FLOAT,
		tensorShape: shapeOf(dims),
	});
	const model = create(SavedModelSchema, {
		savedModelSchemaVersion: 1n,
		metaGraphs: [
			{
				metaInfoDef: { tags: ["serve"] },
				graphDef: { node: nodes.all, library: { function: functions } },
				signatureDef: {
					serving_default: {
						inputs: { x: port("x:0", shape) },
						outputs: { y: port(output, outputShape) },
						methodName: "tensorflow/serving/predict",
					},
				},
			},
		],
	});
	mkdirSync(folder, { recursive: true });
	writeFileSync(
		join(folder, "saved_model.pb"),
		toBinary(SavedModelSchema, model),
	);
}

/** Nodes of one graph or function, under names that count. Has a lifetime: one graph. */
export class Nodes {
	all = [];
	/** In functions a reference says which output argument it means. */
	isFunction;

	constructor(isFunction = false) {
		this.isFunction = isFunction;
	}

	add(op, input, attr = {}, { name = `n${this.all.length}`, output } = {}) {
		this.all.push({ name, op, input, attr });
		return this.isFunction ? `${name}:${output ?? OUTPUTS[op] ?? "z"}:0` : name;
	}

	floats(...dims) {
		const length = dims.reduce((product, size) => product * size, 1);
		const i = this.all.length;
		const floatVal = Array.from({ length }, (_, j) => ((i + j) % 17) / 100);
		return this.#constant({
			dtype: DT_FLOAT,
			tensorShape: shapeOf(dims),
			floatVal,
		});
	}

	ints(dims, ...intVal) {
		return this.#constant({
			dtype: DT_INT32,
			tensorShape: shapeOf(dims),
			intVal,
		});
	}

	/** Floats by their bytes. */
	weights(dims, tensorContent) {
		return this.#constant({
			dtype: DT_FLOAT,
			tensorShape: shapeOf(dims),
			tensorContent,
		});
	}

	#constant(value) {
		return this.add("Const", [], {
			dtype: type(value.dtype),
			value: { value: { case: "tensor", value } },
		});
	}

	input(dims) {
		return this.add(
			"Placeholder",
			[],
			{
				dtype: type(DT_FLOAT),
				shape: { value: { case: "shape", value: shapeOf(dims) } },
			},
			{ name: "x" },
		);
	}
}

/** What output arguments are called, where not `z`. */
const OUTPUTS = {
	Const: "output",
	Relu: "activations",
	MatMul: "product",
	BiasAdd: "output",
	Tanh: "y",
	AsString: "output",
	StringLower: "output",
	StringToNumber: "output",
	PartitionedCall: "output",
};

/** One block behind the other. */
function straight(count, block, dims = [-1, WIDTH]) {
	const nodes = new Nodes();
	let x = nodes.input(dims);
	while (nodes.all.length < count) x = block(nodes, x);
	return { nodes, output: `${x}:0`, shape: dims };
}

function dense(nodes, x) {
	const T = { T: type(DT_FLOAT) };
	const scaled = nodes.add("Mul", [x, nodes.floats()], T);
	const product = nodes.add("MatMul", [scaled, nodes.floats(WIDTH, WIDTH)], T);
	const moved = nodes.add("BiasAdd", [product, nodes.floats(WIDTH)], T);
	const bent = nodes.add("Relu", [moved], T);
	const added = nodes.add("AddV2", [bent, x], T);
	return nodes.add("Tanh", [added], T);
}

function convolution(nodes, x) {
	const T = { T: type(DT_FLOAT) };
	const padded = nodes.add(
		"Pad",
		[x, nodes.ints([4, 2], 0, 0, 1, 1, 1, 1, 0, 0)],
		{ ...T, Tpaddings: type(DT_INT32) },
	);
	const made = nodes.add("Conv2D", [padded, nodes.floats(3, 3, 8, 8)], {
		...T,
		strides: ints(1, 1, 1, 1),
		padding: text("VALID"),
	});
	const normal = nodes.add(
		"FusedBatchNormV3",
		[made, ...Array.from({ length: 4 }, () => nodes.floats(8))],
		{ ...T, U: type(DT_FLOAT), is_training: truth(false) },
	);
	return nodes.add("Relu", [normal], T);
}

/** What no runtime computes, between what it does. */
function texts(nodes, x) {
	const T = { T: type(DT_FLOAT) };
	const scaled = nodes.add("Mul", [x, nodes.floats()], T);
	const moved = nodes.add("AddV2", [scaled, nodes.floats(WIDTH)], T);
	const shown = nodes.add("AsString", [moved], T);
	const lower = nodes.add("StringLower", [shown]);
	return nodes.add("StringToNumber", [lower], { out_type: type(DT_FLOAT) });
}

function wide(count) {
	const nodes = new Nodes();
	const dims = [-1, WIDTH];
	const x = nodes.input(dims);
	const ends = [];
	while (nodes.all.length < count) ends.push(dense(nodes, x));
	const y = nodes.add("ConcatV2", [...ends, nodes.ints([], 1)], {
		T: type(DT_FLOAT),
		Tidx: type(DT_INT32),
		N: { value: { case: "i", value: BigInt(ends.length) } },
	});
	return { nodes, output: `${y}:0`, shape: dims };
}

/** Functions that call ten of the smaller ones, and the largest called until there are enough nodes. */
function calls(count) {
	const types = { Tin: types_(DT_FLOAT), Tout: types_(DT_FLOAT) };
	const call = (nodes, x, name) =>
		nodes.add("PartitionedCall", [x], { ...types, f: func(name) });
	const block = functionOf("level0", (nodes, x) => dense(nodes, x));
	const functions = [block];
	let size = block.nodeDef.length;
	for (let level = 1; level < 4; level++) {
		functions.push(
			functionOf(`level${level}`, (nodes, x) => {
				let y = x;
				for (let i = 0; i < 8; i++) y = call(nodes, y, `level${level - 1}`);
				return y;
			}),
		);
		size = 8 * (size + 1);
	}
	const nodes = new Nodes();
	const dims = [-1, WIDTH];
	let x = nodes.input(dims);
	for (let made = 0; made < count; made += size) x = call(nodes, x, "level3");
	return { nodes, functions, output: `${x}:0`, shape: dims };
}

/** Control flow behind control flow, each with bodies of its own. */
function bodies(count, add) {
	const nodes = new Nodes();
	const dims = [-1, WIDTH];
	const functions = [];
	let x = nodes.input(dims);
	for (let i = 0; i * BODY_NODES < count; i++) {
		const made = add(nodes, x, i);
		functions.push(...made.functions);
		x = made.output;
	}
	return { nodes, functions, output: `${x}:0`, shape: dims };
}

function loop(nodes, x, i, block) {
	const args = [DT_INT32, DT_FLOAT];
	const cond = functionOf(
		`cond${i}`,
		(body, round) =>
			body.add("Less", [round, body.ints([], 3)], { T: type(DT_INT32) }),
		args,
		[DT_BOOL],
	);
	const body = functionOf(
		`body${i}`,
		(body, round, value) => {
			const next = body.add("AddV2", [round, body.ints([], 1)], {
				T: type(DT_INT32),
			});
			return [next, blocks(body, value, block)];
		},
		args,
		args,
	);
	const name = nodes.add("While", [nodes.ints([], 0), x], {
		T: types_(...args),
		cond: func(`cond${i}`),
		body: func(`body${i}`),
		output_shapes: {
			value: {
				case: "list",
				value: { shape: [shapeOf([]), shapeOf([-1, WIDTH])] },
			},
		},
	});
	const output = nodes.add("Identity", [`${name}:1`], { T: type(DT_FLOAT) });
	return { functions: [cond, body], output };
}

function branch(nodes, x, i) {
	const T = { T: type(DT_FLOAT) };
	const sum = nodes.add("Sum", [x, nodes.ints([2], 0, 1)], {
		...T,
		Tidx: type(DT_INT32),
	});
	const isLarge = nodes.add("Greater", [sum, nodes.floats()], T);
	const functions = ["then", "else"].map((part) =>
		functionOf(`${part}${i}`, (body, value) => {
			let y = value;
			while (body.all.length < BODY_NODES / 2) y = dense(body, y);
			return y;
		}),
	);
	const output = nodes.add("If", [isLarge, x], {
		Tcond: type(DT_BOOL),
		Tin: types_(DT_FLOAT),
		Tout: types_(DT_FLOAT),
		then_branch: func(`then${i}`),
		else_branch: func(`else${i}`),
	});
	return { functions, output };
}

/** Loops and conditionals of TensorFlow 1, in turn, in one graph. */
function frames(count) {
	const nodes = new Nodes();
	const dims = [-1, WIDTH];
	let x = nodes.input(dims);
	for (let i = 0; nodes.all.length < count; i++)
		x = i % 2 === 0 ? frame(nodes, x, `frame${i}`) : choice(nodes, x);
	return { nodes, output: `${x}:0`, shape: dims };
}

function frame(nodes, x, name) {
	const [int, float] = [{ T: type(DT_INT32) }, { T: type(DT_FLOAT) }];
	const named = { frame_name: text(name) };
	const rounds = nodes.ints([], 0);
	const entered = [
		nodes.add("Enter", [rounds], { ...int, ...named }),
		nodes.add("Enter", [x], { ...float, ...named }),
	];
	const back = [`${name}_next0`, `${name}_next1`];
	const merged = [
		nodes.add("Merge", [entered[0], back[0]], int),
		nodes.add("Merge", [entered[1], back[1]], float),
	];
	const limit = nodes.ints([], 3);
	const less = nodes.add("Less", [merged[0], limit], int);
	const cond = nodes.add("LoopCond", [less]);
	const switched = [
		nodes.add("Switch", [merged[0], cond], int),
		nodes.add("Switch", [merged[1], cond], float),
	];
	const next = nodes.add("AddV2", [`${switched[0]}:1`, nodes.ints([], 1)], int);
	const value = blocks(nodes, `${switched[1]}:1`, dense);
	nodes.add("NextIteration", [next], int, { name: back[0] });
	nodes.add("NextIteration", [value], float, { name: back[1] });
	return nodes.add("Exit", [switched[1]], float);
}

function choice(nodes, x) {
	const T = { T: type(DT_FLOAT) };
	const sum = nodes.add("Sum", [x, nodes.ints([2], 0, 1)], {
		...T,
		Tidx: type(DT_INT32),
	});
	const isLarge = nodes.add("Greater", [sum, nodes.floats()], T);
	const switched = nodes.add("Switch", [x, isLarge], T);
	const ends = [0, 1].map((side) => dense(nodes, `${switched}:${side}`));
	return nodes.add("Merge", ends, {
		...T,
		N: { value: { case: "i", value: 2n } },
	});
}

/** As many blocks as a body has. */
function blocks(nodes, x, block) {
	const end = nodes.all.length + BODY_NODES - 10;
	let y = x;
	while (nodes.all.length < end) y = block(nodes, y);
	return y;
}

function functionOf(name, make, args = [DT_FLOAT], results = [DT_FLOAT]) {
	const nodes = new Nodes(true);
	const made = [make(nodes, ...args.map((_, i) => `arg${i}`))].flat();
	return {
		signature: {
			name,
			inputArg: args.map((type, i) => ({ name: `arg${i}`, type })),
			outputArg: results.map((type, i) => ({ name: `out${i}`, type })),
		},
		nodeDef: nodes.all,
		ret: Object.fromEntries(made.map((value, i) => [`out${i}`, value])),
	};
}

function shapeOf(dims) {
	return { dim: dims.map((size) => ({ size: BigInt(size) })) };
}

function type(value) {
	return { value: { case: "type", value } };
}

function types_(...all) {
	return { value: { case: "list", value: { type: all } } };
}

function ints(...all) {
	return { value: { case: "list", value: { i: all.map(BigInt) } } };
}

function text(value) {
	return { value: { case: "s", value: new TextEncoder().encode(value) } };
}

function truth(value) {
	return { value: { case: "b", value } };
}

function func(name) {
	return { value: { case: "func", value: { name } } };
}
