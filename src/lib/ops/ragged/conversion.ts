import {
	boolAttr,
	dtypeAttr,
	intAttr,
	stringsAttr,
} from "../../graph/attrs.js";
import { type OpEntry, primitive, type ValueType } from "../define.js";
import { shapeFromInput } from "../shapes.js";
import { raggedAsDense, raggedAsSparse } from "./conversion-composed.js";
import { denseShape } from "./dense-shape.js";

/** Between ragged tensors, which are row splits and values, and tensors of one piece. */
export const raggedConversionOps = {
	RaggedTensorToTensor: primitive((context) => {
		const { node, inputs } = context;
		const kinds = stringsAttr(node, "row_partition_types");
		const hasFirst = kinds[0] === "FIRST_DIM_SIZE";
		const isAny = inputs[0].shape?.length === 0;
		const shape = denseShape(
			isAny ? undefined : shapeFromInput(context, 0),
			hasFirst ? kinds.length - 1 : kinds.length,
			inputs[1].shape,
		);
		return [{ dtype: inputs[1].dtype, shape }];
	}, raggedAsDense),
	RaggedTensorToSparse: primitive(({ inputs }) => {
		const { dtype, shape } = inputs[inputs.length - 1];
		const rank = shape === undefined ? -1 : inputs.length - 1 + shape.length;
		return [
			{ dtype: "int64", shape: [-1, rank] },
			{ dtype, shape: [-1] },
			{ dtype: "int64", shape: [rank] },
		];
	}, raggedAsSparse),
	RaggedTensorToVariant: primitive(({ node, inputs }) => [
		{
			dtype: "variant",
			shape: boolAttr(node, "batched_input") ? [rowsOf(inputs)] : [],
		},
	]),
	RaggedTensorFromVariant: primitive(({ node }) => [
		...splits(intAttr(node, "output_ragged_rank"), dtypeAttr(node, "Tsplits")),
		{ dtype: dtypeAttr(node, "Tvalues"), shape: undefined },
	]),
} as const satisfies Record<string, OpEntry>;

/** How many rows the outermost axis has. */
function rowsOf(inputs: readonly ValueType[]): number {
	const size = inputs[0].shape?.[0] ?? -1;
	return inputs.length === 1 || size < 0 ? size : size - 1;
}

/** So many vectors. */
export function splits(
	count: number,
	dtype: ValueType["dtype"],
): readonly ValueType[] {
	return Array.from({ length: count }, () => ({ dtype, shape: [-1] }));
}
