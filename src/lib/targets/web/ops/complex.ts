import { dtypeAttr } from "../../../graph/attrs.js";
import type { ValueType } from "../../../ops/define.js";
import { DTYPES, type DType } from "../../../tensor/dtype.js";
import { type } from "../attrs.js";
import type { WebContext, WebLowering, WebRow, WebValue } from "../lowering.js";
import { arrayRows } from "./array.js";
import { COMPLEX_FUNCTIONS } from "./complex/functions.js";
import { type Complex, ComplexNumbers } from "./complex/numbers.js";
import { linalgRows } from "./linalg.js";
import { mathRows } from "./math.js";
import { reduceRows } from "./reduce.js";

/** What TensorFlow.js's JavaScript kernels do with complex numbers. */
export const TAKES_COMPLEX: ReadonlySet<string> = new Set([
	"Angle",
	"Complex",
	"ComplexAbs",
	"Conj",
	"ExpandDims",
	"FFT",
	"IFFT",
	"IRFFT",
	"RFFT",
	"Identity",
	"IdentityN",
	"If",
	"StatelessIf",
	"StatelessWhile",
	"While",
	"Imag",
	"Rank",
	"Real",
	"Reshape",
	"Shape",
	"Size",
	"Squeeze",
]);

const isComplex = ({ dtype }: ValueType) => DTYPES[dtype].kind === "complex";

/** As if there were one part only: operand `index` is `operands[index]` where that is given. */
function onParts(
	row: WebRow | undefined,
	context: WebContext,
	operands: ReadonlyMap<number, WebValue>,
): readonly WebValue[] {
	if (typeof row !== "function") throw new Error("no row takes the parts");
	const asReal = (value: ValueType): ValueType =>
		isComplex(value) ? { ...value, dtype: "float32" } : value;
	return [
		row({
			...context,
			inputs: context.inputs.map(asReal),
			outputs: context.outputs.map(asReal),
			constant: (index) =>
				operands.has(index) ? undefined : context.constant(index),
			input: (index) => operands.get(index) ?? context.input(index),
		}),
	].flat();
}

function partsOf(context: WebContext): ReadonlyMap<number, Complex> {
	const numbers = new ComplexNumbers(context);
	return new Map(
		context.inputs.flatMap((input, i): [number, Complex][] =>
			isComplex(input) ? [[i, numbers.of(context.input(i))]] : [],
		),
	);
}

function lane(
	parts: ReadonlyMap<number, Complex>,
	part: keyof Complex,
): ReadonlyMap<number, WebValue> {
	return new Map([...parts].map(([i, value]) => [i, value[part]]));
}

/** What moves, sums or scales does so with each part alone. */
function partwise(row: WebRow | undefined): WebLowering {
	return (context) => {
		const parts = partsOf(context);
		const re = onParts(row, context, lane(parts, "re"));
		const im = onParts(row, context, lane(parts, "im"));
		return re.map((value, i) =>
			isComplex(context.outputs[i])
				? context.emit("Complex", [value, im[i]])
				: value,
		);
	};
}

/** A product of two tensors, of which each part is a sum of products; `adj_x` and `adj_y` mirror the imaginary parts. */
function bilinear(row: WebRow | undefined): WebLowering {
	return (context) => {
		const parts = partsOf(context);
		if (parts.size < 2) return partwise(row)(context);
		const { node, emit } = context;
		const [x, y] = [0, 1].map((i) => {
			const { re, im } = parts.get(i) as Complex;
			const isMirrored = node.attrs[i === 0 ? "adj_x" : "adj_y"] === true;
			return { re, im: isMirrored ? emit("Neg", [im]) : im };
		});
		const product = (a: WebValue, b: WebValue) =>
			onParts(
				row,
				context,
				new Map([
					[0, a],
					[1, b],
				]),
			)[0];
		return emit("Complex", [
			emit("Sub", [product(x.re, y.re), product(x.im, y.im)]),
			emit("AddV2", [product(x.re, y.im), product(x.im, y.re)]),
		]);
	};
}

/** The real part, as TensorFlow casts it; or a number without an imaginary part. */
const cast: WebLowering = (context) => {
	const { node, inputs, outputs, input, emit, scalar } = context;
	const to = dtypeAttr(node, "DstT");
	if (isComplex(inputs[0]) && isComplex(outputs[0])) return input(0);
	if (isComplex(outputs[0])) {
		const real = emit("Cast", [input(0)], { DstT: type("float32") });
		return emit("Complex", [real, emit("ZerosLike", [real])]);
	}
	const real = emit("Real", [input(0)]);
	if (to === "bool") return emit("NotEqual", [real, scalar(0, "float32")]);
	return onCast(context, real, to);
};

function onCast(context: WebContext, real: WebValue, to: DType): WebValue {
	const row = mathRows.Cast as WebLowering;
	return DTYPES[to].kind === "float" || DTYPES[to].kind === "half"
		? real
		: onParts(row, context, new Map([[0, real]]))[0];
}

const ones: WebLowering = ({ input, emit }) => {
	const real = emit("Real", [input(0)]);
	return emit("Complex", [emit("OnesLike", [real]), emit("ZerosLike", [real])]);
};

/** The size of a product is the product of sizes, its angle the sum of angles. */
const product: WebLowering = (context) => {
	const { emit } = context;
	const [z] = partsOf(context).values();
	const [sizes] = onParts(
		reduceRows.Prod,
		context,
		new Map([[0, emit("ComplexAbs", [context.input(0)])]]),
	);
	const [angles] = onParts(
		reduceRows.Sum,
		{ ...context, node: { ...context.node, op: "Sum" } },
		new Map([[0, emit("Atan2", [z.im, z.re])]]),
	);
	return emit("Complex", [
		emit("Mul", [sizes, emit("Cos", [angles])]),
		emit("Mul", [sizes, emit("Sin", [angles])]),
	]);
};

/** Both parts have to be alike. */
function compared(op: string, join: string): WebLowering {
	return (context) => {
		const { emit } = context;
		const [x, y] = partsOf(context).values();
		return emit(join, [emit(op, [x.re, y.re]), emit(op, [x.im, y.im])]);
	};
}

const functionRows = Object.fromEntries(
	Object.entries(COMPLEX_FUNCTIONS).map(
		([op, compute]): [string, WebLowering] => [
			op,
			(context) => {
				const numbers = new ComplexNumbers(context);
				const operands = [...partsOf(context).values()];
				return numbers.join(compute(numbers, operands[0], operands[1]));
			},
		],
	),
);

/** Rows for complex numbers where TensorFlow.js's operation takes none. */
export const complexRows: Readonly<Record<string, WebLowering | undefined>> = {
	...functionRows,
	...Object.fromEntries(
		(
			[
				"BatchToSpaceND",
				"BroadcastTo",
				"ConcatV2",
				"GatherNd",
				"GatherV2",
				"MirrorPad",
				"Pack",
				"Pad",
				"PadV2",
				"ReverseV2",
				"Roll",
				"ScatterNd",
				"Slice",
				"SpaceToBatchND",
				"Split",
				"SplitV",
				"StridedSlice",
				"TensorScatterUpdate",
				"Tile",
				"Transpose",
				"Unpack",
				"ZerosLike",
			] as const
		).map((op) => [op, partwise(arrayRows[op])]),
	),
	AddN: partwise(mathRows.AddN),
	BatchMatMul: bilinear(linalgRows.BatchMatMul),
	BatchMatMulV2: bilinear(linalgRows.BatchMatMulV2),
	BatchMatMulV3: bilinear(linalgRows.BatchMatMulV3),
	Cast: cast,
	Cumsum: partwise(reduceRows.Cumsum),
	Einsum: bilinear(linalgRows.Einsum),
	Equal: compared("Equal", "LogicalAnd"),
	MatMul: bilinear(linalgRows.MatMul),
	Mean: partwise(reduceRows.Mean),
	Neg: partwise(mathRows.Neg),
	NotEqual: compared("NotEqual", "LogicalOr"),
	OnesLike: ones,
	Prod: product,
	Select: partwise(mathRows.Select),
	SelectV2: partwise(mathRows.SelectV2),
	Sum: partwise(reduceRows.Sum),
};
