import { boolAttr } from "../../graph/attrs.js";
import {
	type InferContext,
	type InferRule,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { knownElements, shapeFromInput } from "../shapes.js";

/** The number of boxes that are left is not known before they are compared. */
const suppression: InferRule = () => [indices(-1)];

/** With padding there are as many as were asked for; beside the indices comes how many of them count. */
const countedSuppression: InferRule = (context) => [
	indices(paddedLength(context)),
	{ dtype: "int32", shape: [] },
];

const scoredSuppression: InferRule = (context) => {
	const length = paddedLength(context);
	return [
		indices(length),
		{ dtype: context.inputs[1].dtype, shape: [length] },
		{ dtype: "int32", shape: [] },
	];
};

/** Boxes, scores and classes of a batch, padded to one length, and how many of them count. */
const combinedSuppression: InferRule = (context) => {
	const [boxes, scores] = context.inputs;
	const batch = boxes.shape?.[0] ?? -1;
	const length = combinedLength(context, scores.shape?.[2] ?? -1);
	return [
		{ dtype: "float32", shape: [batch, length, 4] },
		{ dtype: "float32", shape: [batch, length] },
		{ dtype: "float32", shape: [batch, length] },
		{ dtype: "int32", shape: [batch] },
	];
};

const crops: InferRule = (context) => {
	const [image, boxes] = context.inputs;
	const [height, width] = shapeFromInput(context, 3) ?? [-1, -1];
	const shape = [boxes.shape?.[0] ?? -1, height, width, image.shape?.[3] ?? -1];
	return [{ dtype: "float32", shape }];
};

export const boxOps = {
	NonMaxSuppression: primitive(suppression),
	NonMaxSuppressionV2: primitive(suppression),
	NonMaxSuppressionV3: primitive(suppression),
	NonMaxSuppressionV4: primitive(countedSuppression),
	NonMaxSuppressionV5: primitive(scoredSuppression),
	NonMaxSuppressionWithOverlaps: primitive(suppression),
	CombinedNonMaxSuppression: primitive(combinedSuppression),
	CropAndResize: primitive(crops),
} as const satisfies Record<string, OpEntry>;

function indices(length: number): ValueType {
	return { dtype: "int32", shape: [length] };
}

function paddedLength(context: InferContext): number {
	if (!boolAttr(context.node, "pad_to_max_output_size")) return -1;
	return knownElements(context, 2)?.[0] ?? -1;
}

/** The total that was asked for, and, with `pad_per_class`, no more than all classes can give. */
function combinedLength(context: InferContext, classes: number): number {
	const total = knownElements(context, 3)?.[0] ?? -1;
	if (!boolAttr(context.node, "pad_per_class")) return total;
	const each = knownElements(context, 2)?.[0] ?? -1;
	return total < 0 || each < 0 || classes < 0
		? -1
		: Math.min(total, each * classes);
}
