import type { ValueName } from "../../graph/ir.js";
import type { ComplexContext, ComplexRule } from "./context.js";
import { isComplex, type Pair, partAttrs } from "./pair.js";

/** What moves elements, or adds them up: each part does it alone. */
const BY_PART =
	"Identity IdentityN StopGradient PreventGradient Snapshot EnsureShape Reshape ExpandDims Squeeze Transpose " +
	"StridedSlice Slice Split SplitV Concat ConcatV2 Pack Unpack GatherV2 Gather GatherNd Tile BroadcastTo Pad PadV2 " +
	"MirrorPad ReverseV2 ReverseSequence Roll Select SelectV2 Fill ZerosLike ScatterNd TensorScatterUpdate " +
	"TensorScatterAdd TensorScatterSub DynamicStitch ParallelDynamicStitch DynamicPartition OneHot MatrixDiag " +
	"MatrixDiagV2 MatrixDiagV3 MatrixDiagPart MatrixDiagPartV2 MatrixDiagPartV3 MatrixSetDiag MatrixSetDiagV2 " +
	"MatrixSetDiagV3 MatrixBandPart Diag DiagPart SpaceToBatchND BatchToSpaceND SpaceToDepth DepthToSpace Add AddV2 AddN " +
	"Sub Neg BiasAdd Sum Mean Cumsum UnsortedSegmentSum SegmentSum SparseSegmentSum " +
	"SparseSegmentSumWithNumSegments SparseToDense";

/** What only looks at the shape. */
const OF_SHAPE = "Shape ShapeN Size Rank";

const byPart: ComplexRule = (context) => {
	const { node } = context;
	const results = (["re", "im"] as const).map((part) =>
		context.addMany(
			node.op,
			partOf(context, part),
			node.outputs.length,
			partAttrs(node.attrs),
		),
	);
	return node.outputs.map((_, i): Pair | ValueName =>
		isComplexOutput(context, i)
			? { re: results[0][i], im: results[1][i] }
			: results[0][i],
	);
};

/** Outputs of types of their own, as places, are as those of either part. */
function isComplexOutput({ outputs }: ComplexContext, index: number): boolean {
	return isComplex(outputs[index].dtype);
}

const ofShape: ComplexRule = (context) =>
	context.addMany(
		context.node.op,
		partOf(context, "re"),
		context.node.outputs.length,
		partAttrs(context.node.attrs),
	);

function partOf(
	{ node, pair, isComplex }: ComplexContext,
	part: keyof Pair,
): readonly ValueName[] {
	return node.inputs.map((input, i) => (isComplex(i) ? pair(i)[part] : input));
}

export const complexMovement: Readonly<Record<string, ComplexRule>> = {
	...table(BY_PART, byPart),
	...table(OF_SHAPE, ofShape),
};

function table(names: string, rule: ComplexRule): Record<string, ComplexRule> {
	return Object.fromEntries(names.split(" ").map((name) => [name, rule]));
}
