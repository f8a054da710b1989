import { fail } from "../../errors.js";
import { boolAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import type { DType } from "../../tensor/dtype.js";
import { type Shape, showShape } from "../../tensor/tensor.js";
import {
	type InferContext,
	type InferRule,
	type OpEntry,
	primitive,
} from "../define.js";
import { shapeFromInput } from "../shapes.js";

/** [batch, height, width, channels] with the height and width that input 1 gives. */
function resized(dtype?: DType): InferRule {
	return (context) => [
		{
			dtype: dtype ?? context.inputs[0].dtype,
			shape: resizedShape(context),
		},
	];
}

export const resizeOps = {
	ResizeBilinear: primitive(resized("float32")),
	ResizeBicubic: primitive(resized("float32")),
	ResizeArea: primitive(resized("float32")),
	ResizeNearestNeighbor: primitive(resized()),
	ScaleAndTranslate: primitive(resized("float32")),
} as const satisfies Record<string, OpEntry>;

/** Which position of the old image a pixel of the new one is taken from. */
export interface Sampling {
	/** The corner pixels of both images have the same centres. */
	readonly alignCorners: boolean;
	/** Pixels have their centres at 0.5, not at 0. */
	readonly halfPixelCenters: boolean;
}

export function samplingOf(node: Node): Sampling {
	const halfPixelCenters =
		node.attrs.half_pixel_centers !== undefined &&
		boolAttr(node, "half_pixel_centers");
	const alignCorners = boolAttr(node, "align_corners");
	if (halfPixelCenters && alignCorners)
		throw fail(
			"INVALID",
			"cannot resize: half_pixel_centers and align_corners exclude each other",
		);
	return { halfPixelCenters, alignCorners };
}

/** Where each of `to` pixels is taken from in `from`, in single precision (util/image_resizer_state.h). */
export function nearestIndices(
	from: number,
	to: number,
	{ alignCorners, halfPixelCenters }: Sampling,
): number[] {
	const { fround } = Math;
	const aligned = alignCorners && to > 1;
	const scale = aligned
		? fround((from - 1) / fround(to - 1))
		: fround(from / fround(to));
	return Array.from({ length: to }, (_, i) => {
		const position = fround((halfPixelCenters ? i + 0.5 : i) * scale);
		// halves go up: positions are not negative
		const nearest = Math.floor(
			alignCorners ? fround(position + 0.5) : position,
		);
		return Math.min(nearest, from - 1);
	});
}

function resizedShape(context: InferContext): Shape {
	const { shape } = context.inputs[0];
	if (shape !== undefined && shape.length !== 4)
		throw fail(
			"INVALID",
			`cannot resize an image of shape ${showShape(shape)}: [batch, height, width, channels] is wanted`,
		);
	const [height, width] = shapeFromInput(context, 1) ?? [-1, -1];
	return [shape?.[0] ?? -1, height, width, shape?.[3] ?? -1];
}
