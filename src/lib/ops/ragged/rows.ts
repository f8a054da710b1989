import { dtypeAttr, intAttr } from "../../graph/attrs.js";
import { type OpEntry, primitive } from "../define.js";
import { splits } from "./conversion.js";
import { gatheredRows, rangesOfRows } from "./rows-composed.js";

/** Ops that make or choose rows. */
export const raggedRowOps = {
	RaggedRange: primitive(({ node, inputs }) => {
		const sizes = inputs.map(({ shape }) => shape?.[0] ?? -1);
		const areScalars = inputs.every(({ shape }) => shape?.length === 0);
		const rows = areScalars ? 1 : Math.max(...sizes);
		return [
			{ dtype: dtypeAttr(node, "Tsplits"), shape: [rows < 0 ? -1 : rows + 1] },
			{ dtype: inputs[0].dtype, shape: [-1] },
		];
	}, rangesOfRows),
	RaggedGather: primitive(({ node, inputs }) => {
		const { dtype, shape } = inputs[inputs.length - 2];
		return [
			...splits(
				intAttr(node, "OUTPUT_RAGGED_RANK"),
				dtypeAttr(node, "Tsplits"),
			),
			{ dtype, shape: shape?.with(0, -1) },
		];
	}, gatheredRows),
	RaggedFillEmptyRows: primitive((context) => {
		const [ids, values] = context.inputs;
		const rows = context.constant(2)?.data[0];
		return [
			{ dtype: "int64", shape: [-1] },
			{ dtype: values.dtype, shape: values.shape?.with(0, -1) },
			{ dtype: "bool", shape: [rows === undefined ? -1 : Number(rows)] },
			{ dtype: "int64", shape: ids.shape ?? [-1] },
		];
	}),
} as const satisfies Record<string, OpEntry>;
