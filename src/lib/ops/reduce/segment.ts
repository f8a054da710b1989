import type { DType } from "../../tensor/dtype.js";
import { DTYPES } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/tensor.js";
import {
	composite,
	type ExpandContext,
	type InferContext,
	type InferRule,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { formula } from "../formula.js";
import { elementsOf } from "../shapes.js";

/** The rows of `data` that share an id become one; input 2 says how many ids there are. */
const segments: InferRule = (context) => {
	const [data, ids] = context.inputs;
	const count = elementsOf(context, 2)?.[0] ?? -1;
	return [
		{ dtype: data.dtype, shape: segmentShape(data.shape, ids.shape, count) },
	];
};

function segmentShape(data: Shape, ids: Shape, count: number): Shape {
	if (data === undefined || ids === undefined) return undefined;
	return [count, ...data.slice(ids.length)];
}

/** Inputs: data, the rows of it to take, their ids, and perhaps the number of ids: how embeddings are looked up. */
function gatheredSegments(context: InferContext): readonly ValueType[] {
	const [{ dtype, shape }] = context.inputs;
	const count =
		context.inputs.length > 3 ? (elementsOf(context, 3)?.[0] ?? -1) : -1;
	return [{ dtype, shape: shape?.with(0, count) }];
}

/** Sorted ids are a special case of any ids. An id that does not occur gives zeros, whatever the op. */
export const segmentOps = {
	UnsortedSegmentSum: primitive(segments),
	UnsortedSegmentProd: primitive(segments),
	UnsortedSegmentMax: primitive(segments),
	UnsortedSegmentMin: primitive(segments),
	SegmentSum: composite((context) => [sorted(context).unsorted("Sum")]),
	SegmentProd: composite((context) => [sorted(context).unsorted("Prod")]),
	SegmentMax: composite((context) => [orZero(sorted(context), "Max")]),
	SegmentMin: composite((context) => [orZero(sorted(context), "Min")]),
	SegmentMean: composite((context) => [mean(sorted(context))]),
	SparseSegmentSum: ofRows((segments) => segments.unsorted("Sum")),
	SparseSegmentMean: ofRows(mean),
	SparseSegmentSqrtN: ofRows(rootMean),
	SparseSegmentSumWithNumSegments: ofRows((segments) =>
		segments.unsorted("Sum"),
	),
	SparseSegmentMeanWithNumSegments: ofRows(mean),
	SparseSegmentSqrtNWithNumSegments: ofRows(rootMean),
} as const satisfies Record<string, OpEntry>;

/** A primitive op, as only few rows of a large table are read; otherwise they are gathered first. */
function ofRows(reduced: (segments: Segments) => string) {
	return primitive(gatheredSegments, (context) => {
		const { add, inputs, types, scalar } = context;
		const [table, indices, ids, count = lastId(context, 2)] = inputs;
		const [{ dtype }, { dtype: indexType }] = types;
		const rows = add("GatherV2", [table, indices, scalar("int32", 0)], {
			Tparams: dtype,
			Tindices: indexType,
			Taxis: "int32",
		});
		return [reduced(segmentsOf(context, rows, ids, count))];
	});
}

/** The sum by the root of the number of rows. */
function rootMean({ context, dtype, unsorted, counts }: Segments): string {
	const { max } = formula(context, dtype);
	const root = context.add("Sqrt", [max(counts(), 1)], { T: dtype });
	return context.add("RealDiv", [unsorted("Sum"), root], { T: dtype });
}

/** Rows with their ids, and the number of ids. */
interface Segments {
	readonly context: ExpandContext;
	readonly dtype: DType;
	/** `UnsortedSegment<kind>` of the rows, or of other values in their place. */
	unsorted(kind: string, values?: string): string;
	/** For each element of the result the number of rows that went into it. */
	counts(): string;
}

function sorted(context: ExpandContext): Segments {
	const [data, ids] = context.inputs;
	return segmentsOf(context, data, ids, lastId(context, 1));
}

/** One more than the last id, 0 where there is none. */
function lastId(context: ExpandContext, index: number): string {
	const { add, scalar, types, inputs } = context;
	const { dtype } = types[index];
	const largest = add("Max", [inputs[index], scalar("int32", 0)], {
		T: dtype,
		Tidx: "int32",
		keep_dims: false,
	});
	// the largest of none is the smallest integer
	const { add: plus, max } = formula(context, dtype);
	return plus(max(largest, -1), 1);
}

function segmentsOf(
	context: ExpandContext,
	rows: string,
	ids: string,
	count: string,
): Segments {
	const { dtype } = context.types[0];
	const unsorted = (kind: string, values = rows) =>
		context.add(`UnsortedSegment${kind}`, [values, ids, count], { T: dtype });
	return {
		context,
		dtype,
		unsorted,
		counts: () =>
			unsorted("Sum", context.add("OnesLike", [rows], { T: dtype })),
	};
}

function orZero({ context, dtype, unsorted, counts }: Segments, kind: string) {
	const { where, equal } = formula(context, dtype);
	return where(equal(counts(), 0), 0, unsorted(kind));
}

function mean({ context, dtype, unsorted, counts }: Segments): string {
	const { equal, max, where } = formula(context, dtype);
	const { kind } = DTYPES[dtype];
	const divide = kind === "int" || kind === "bigint" ? "Div" : "RealDiv";
	const count = counts();
	// complex numbers have no order
	const atLeastOne =
		kind === "complex" ? where(equal(count, 0), 1, count) : max(count, 1);
	return context.add(divide, [unsorted("Sum"), atLeastOne], { T: dtype });
}
