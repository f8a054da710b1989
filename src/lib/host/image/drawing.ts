import { fail } from "../../errors.js";
import type { drawingOps } from "../../ops/image/drawing.js";
import { showShape, type Tensor } from "../../tensor/tensor.js";
import { numbersOf, rounded } from "../elementwise.js";
import type { HostKernel, HostTable } from "../kernel.js";

type Color = readonly number[];

/** Yellow, blue, red, lime, purple, olive, maroon, navy, aqua, fuchsia (kernels/draw_bounding_box_op.cc). */
const COLORS: readonly Color[] = [
	[1, 1, 0, 1],
	[0, 0, 1, 1],
	[1, 0, 0, 1],
	[0, 1, 0, 1],
	[0.5, 0, 0.5, 1],
	[0.5, 0.5, 0, 1],
	[0.5, 0, 0, 1],
	[0, 0, 0.5, 1],
	[0, 1, 1, 1],
	[1, 0, 1, 1],
];

interface Canvas {
	readonly data: Float64Array;
	readonly height: number;
	readonly width: number;
	readonly depth: number;
}

/** Lines one pixel wide along the edges of boxes [y, x, y, x], in shares of the picture; a box without a color takes the next. */
const drawBoundingBoxes: HostKernel = (_, [images, boxes, colors]) => {
	const [batch, height, width, depth] = images.shape;
	const [boxBatch, count, four] = boxes.shape;
	if (images.shape.length !== 4 || boxBatch !== batch || four !== 4)
		throw fail(
			"INVALID",
			`cannot draw boxes of shape ${showShape(boxes.shape)} on pictures of shape ${showShape(images.shape)}`,
		);
	const data = Float64Array.from(numbersOf(images) as Float64Array);
	const edges = numbersOf(boxes) as Float64Array;
	const palette = paletteOf(colors, depth);
	const pixels = height * width * depth;
	for (let image = 0; image < batch; image++)
		for (let k = 0; k < count; k++) {
			const at = 4 * (image * count + k);
			drawBox(
				{
					data: data.subarray(image * pixels, (image + 1) * pixels),
					height,
					width,
					depth,
				},
				edges.subarray(at, at + 4),
				palette[k % palette.length],
			);
		}
	return [{ ...images, data: rounded(images.dtype, data) as Tensor["data"] }];
};

function paletteOf(
	colors: Tensor | undefined,
	depth: number,
): readonly Color[] {
	const given =
		colors === undefined ? [] : Array.from(numbersOf(colors), Number);
	const channels = colors?.shape[1] ?? 0;
	// of its own accord TensorFlow draws in white on grey
	if (given.length === 0) return depth === 1 ? [[1]] : COLORS;
	return Array.from({ length: given.length / channels }, (_, row) =>
		given.slice(row * channels, (row + 1) * channels),
	);
}

/** Edges beyond the picture are not drawn, and nothing is where a box lies outside or its end is before its start. */
function drawBox(
	{ data, height, width, depth }: Canvas,
	box: ArrayLike<number>,
	color: Color,
): void {
	const rows = [box[0], box[2]].map((y) => placeOf(y, height));
	const columns = [box[1], box[3]].map((x) => placeOf(x, width));
	if (isOutside(rows, height) || isOutside(columns, width)) return;
	const [top, bottom] = [Math.max(rows[0], 0), Math.min(rows[1], height - 1)];
	const [left, right] = [
		Math.max(columns[0], 0),
		Math.min(columns[1], width - 1),
	];
	const paint = (row: number, column: number) => {
		const at = (row * width + column) * depth;
		for (let c = 0; c < depth; c++) data[at + c] = color[c];
	};
	for (const row of rows.filter((y) => y >= 0 && y < height))
		for (let column = left; column <= right; column++) paint(row, column);
	for (const column of columns.filter((x) => x >= 0 && x < width))
		for (let row = top; row <= bottom; row++) paint(row, column);
}

/** In single precision, without what is behind the point. */
function placeOf(share: number, size: number): number {
	return Math.trunc(Math.fround(Math.fround(share) * (size - 1)));
}

function isOutside([from, to]: readonly number[], size: number): boolean {
	return from > to || from >= size || to < 0;
}

export const drawingKernels: HostTable<typeof drawingOps> = {
	DrawBoundingBoxes: drawBoundingBoxes,
	DrawBoundingBoxesV2: drawBoundingBoxes,
};
