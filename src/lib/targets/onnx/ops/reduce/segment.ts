import type { segmentOps } from "../../../../ops/reduce/segment.js";
import type { DType } from "../../../../tensor/dtype.js";
import { limitTensor } from "../../../../tensor/limits.js";
import { numberTensor } from "../../../../tensor/numbers.js";
import type { Tensor } from "../../../../tensor/tensor.js";
import {
	type LowerContext,
	type Lowering,
	type LoweringTable,
	type OnnxValue,
	unsupported,
} from "../../lowering.js";

/** What a segment without rows holds, by the element type of the data. */
type Fill = (dtype: DType) => Tensor;

const gathered = unsupported(
	"ONNX Runtime scatters element by element, which takes twenty times as long",
);

export const segmentLowerings: LoweringTable<typeof segmentOps> = {
	UnsortedSegmentSum: segments("add", (dtype) => numberTensor(dtype, 0)),
	UnsortedSegmentProd: segments("mul", (dtype) => numberTensor(dtype, 1)),
	UnsortedSegmentMax: segments("max", (dtype) => limitTensor(dtype, "lowest")),
	UnsortedSegmentMin: segments("min", (dtype) => limitTensor(dtype, "highest")),
	SparseSegmentSum: gathered,
	SparseSegmentMean: gathered,
	SparseSegmentSqrtN: gathered,
	SparseSegmentSumWithNumSegments: gathered,
	SparseSegmentMeanWithNumSegments: gathered,
	SparseSegmentSqrtNWithNumSegments: gathered,
};

/**
 * Scatters rows element by element: ONNX Runtime's ScatterND lets threads race for a row. The row before the first takes
 * those whose id is negative; ids that are too large fail, as in TensorFlow.
 */
function segments(reduction: string, fill: Fill): Lowering {
	return (context) => {
		const { emit, cast, input, inputs, ints, initializer } = context;
		const dtype = input(0).dtype;
		const worked = dtype === "float16" ? "float32" : dtype;
		const { ids, rows, rest } = flattened(context);
		const kept = emit("Add", [emit("Max", [ids, ints([-1])]), ints([1])]);
		const places = emit("Expand", [
			besides(context, kept, rest),
			shapeOf(context, rows),
		]);
		const end = segmentCount(context, 1);
		const empty = emit("Expand", [
			cast(initializer(fill(inputs[0].dtype)), worked),
			emit("Concat", [end, rest], { axis: 0 }),
		]);
		const filled = emit(
			"ScatterElements",
			[empty, places, cast(rows, worked)],
			{ axis: 0, reduction },
		);
		return cast(emit("Slice", [filled, ints([1]), end, ints([0])]), dtype);
	};
}

/** Ids as a vector, one a row, and the sizes of the axes of a row. */
interface Rows {
	readonly ids: OnnxValue;
	readonly rows: OnnxValue;
	readonly rest: OnnxValue;
}

function flattened(context: LowerContext): Rows {
	const { emit, cast, input, inputs, ints } = context;
	const rest = restSizes(context);
	const ids = cast(input(1), "int64");
	if (inputs[1].shape?.length === 1) return { ids, rows: input(0), rest };
	const flatIds = emit("Reshape", [ids, ints([-1])]);
	const sizes = emit("Concat", [shapeOf(context, flatIds), rest], { axis: 0 });
	const rows = emit("Reshape", [input(0), sizes], { allowzero: 1 });
	return { ids: flatIds, rows, rest };
}

/** The number of segments and `more`, as a vector. */
function segmentCount(context: LowerContext, more: number): OnnxValue {
	const { cast, constant, emit, input, ints } = context;
	const known = constant(2)?.data[0];
	if (known !== undefined) return ints([Number(known) + more]);
	const count = emit("Reshape", [cast(input(2), "int64"), ints([1])]);
	return emit("Add", [count, ints([more])]);
}

/** A vector with axes of size 1 behind it, one for each axis of a row. */
function besides(
	context: LowerContext,
	vector: OnnxValue,
	rest: OnnxValue,
): OnnxValue {
	const { emit, inputs, ints } = context;
	const [data, ids] = inputs;
	if (data.shape === undefined || ids.shape === undefined) {
		const ones = emit("Expand", [ints([1]), shapeOf(context, rest)]);
		const sizes = emit("Concat", [ints([-1]), ones], { axis: 0 });
		return emit("Reshape", [vector, sizes]);
	}
	const axes = data.shape.slice(ids.shape.length).map((_, i) => i + 1);
	return axes.length === 0 ? vector : emit("Unsqueeze", [vector, ints(axes)]);
}

/** The sizes of the data behind the axes that have ids. */
function restSizes(context: LowerContext): OnnxValue {
	const { emit, input, inputs, ints } = context;
	const idRank = inputs[1].shape?.length;
	if (idRank !== undefined)
		return emit("Shape", [input(0)], { start: idRank }, { dtype: "int64" });
	const sizes = shapeOf(context, input(0));
	const rank = shapeOf(context, shapeOf(context, input(1)));
	return emit("Slice", [sizes, rank, shapeOf(context, sizes), ints([0])]);
}

function shapeOf({ emit }: LowerContext, value: OnnxValue): OnnxValue {
	return emit("Shape", [value], {}, { dtype: "int64" });
}
