import { fail } from "../../errors.js";
import { boolAttr, floatAttr, floatsAttr, intAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import type { cropOps } from "../../ops/random/crop.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import type { Tensor } from "../../tensor/tensor.js";
import { integers } from "../array/integers.js";
import { type HostFamily, step } from "../kernel.js";
import { tensorOf } from "../value.js";
import { seededGenerator, sessionGenerator } from "./generator.js";
import { type Philox, WordStream } from "./philox.js";
import { isSeen, type Rectangle } from "./rectangle.js";

const { fround } = Math;

/** What a crop must be (kernels/image/sample_distorted_bounding_box_op.cc). */
interface Wanted {
	/** Shares of the image. */
	readonly areas: readonly number[];
	readonly aspects: readonly number[];
	/** The share of one of the objects that must be seen. */
	readonly covered: number;
	readonly objects: readonly Rectangle[];
}

function sampled(
	node: Node,
	[size, boxes]: readonly Tensor[],
	covered: number,
	source: Philox,
): readonly Tensor[] {
	const [height, width] = integers(size);
	if (
		size.data.length !== 3 ||
		boxes.shape.length !== 3 ||
		boxes.shape[2] !== 4
	)
		throw fail(
			"INVALID",
			`cannot crop an image of size [${integers(size)}] around boxes of shape [${boxes.shape}]: wanted 3 numbers, and [batch,boxes,4]`,
		);
	const wanted: Wanted = {
		areas: floatsAttr(node, "area_range"),
		aspects: floatsAttr(node, "aspect_ratio_range"),
		covered,
		objects: objectsOf(node, boxes, width, height),
	};
	const words = new WordStream(source);
	const whole = { left: 0, top: 0, right: width, bottom: height };
	const { left, top, right, bottom } =
		attempted(words, width, height, wanted, intAttr(node, "max_attempts")) ??
		whole;
	const vector = (values: readonly number[]) =>
		tensorFromNumbers(size.dtype, [3], values);
	const shares = [top / height, left / width, bottom / height, right / width];
	return [
		vector([top, left, 0]),
		vector([bottom - top, right - left, -1]),
		tensorFromNumbers("float32", [1, 1, 4], shares),
	];
}

/** The boxes in pixels, or the whole image where there are none and that is allowed. Fails with INVALID. */
function objectsOf(
	node: Node,
	boxes: Tensor,
	width: number,
	height: number,
): readonly Rectangle[] {
	const values = boxes.data as Float32Array;
	if (values.length === 0) {
		if (boolAttr(node, "use_image_if_no_bounding_boxes"))
			return [{ left: 0, top: 0, right: width, bottom: height }];
		throw fail(
			"INVALID",
			"cannot crop around boxes: there are none, and use_image_if_no_bounding_boxes is not set",
		);
	}
	const outside = values.find((value) => !(value >= 0 && value <= 1));
	if (outside !== undefined)
		throw fail(
			"INVALID",
			`cannot crop around boxes: a coordinate is ${outside}, wanted 0 to 1`,
		);
	const pixel = (i: number, size: number) =>
		Math.trunc(fround(values[i] * size));
	return Array.from({ length: values.length / 4 }, (_, i) => ({
		top: pixel(4 * i, height),
		left: pixel(4 * i + 1, width),
		bottom: pixel(4 * i + 2, height),
		right: pixel(4 * i + 3, width),
	}));
}

function attempted(
	words: WordStream,
	width: number,
	height: number,
	{ areas, aspects, covered, objects }: Wanted,
	attempts: number,
): Rectangle | undefined {
	const [least, most] = aspects.map(fround);
	for (let i = 0; i < attempts; i++) {
		const share = (words.next() & 0x7fffff) * 2 ** -23;
		const aspect = fround(fround(share * fround(most - least)) + least);
		const crop = drawnCrop(words, width, height, areas, aspect);
		if (crop !== undefined && isSeen(crop, objects, covered)) return crop;
	}
	return undefined;
}

/** A part of that aspect (width over height) whose area is within bounds; none where rounding leaves none. */
function drawnCrop(
	words: WordStream,
	width: number,
	height: number,
	areas: readonly number[],
	aspect: number,
): Rectangle | undefined {
	const [smallest, largest] = areas.map((share) =>
		fround(fround(fround(share) * width) * height),
	);
	if (smallest > largest || width <= 0 || height <= 0) return undefined;
	const widthOf = (rows: number) => toEven(fround(rows * aspect));
	const rowsOf = (area: number) =>
		toEven(fround(Math.sqrt(fround(area / aspect))));
	let most = rowsOf(largest);
	if (widthOf(most) > width) {
		most = Math.trunc((width + 0.5 - fround(1e-7)) / aspect);
		if (widthOf(most) > width) most--;
	}
	most = Math.min(most, height);
	let rows = Math.min(rowsOf(smallest), most);
	if (rows < most) rows += below(words, most - rows + 1);
	if (widthOf(rows) * rows < smallest) rows++;
	if (widthOf(rows) * rows > largest) rows--;
	const columns = widthOf(rows);
	const area = rows * columns;
	if (area < smallest || area > largest) return undefined;
	if (columns > width || rows > height || columns <= 0 || rows <= 0)
		return undefined;
	const top = rows < height ? below(words, height - rows) : 0;
	const left = columns < width ? below(words, width - columns) : 0;
	return { left, top, right: left + columns, bottom: top + rows };
}

/** To the nearest integer, halves to the even one. */
function toEven(value: number): number {
	const rounded = Math.round(value);
	return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** A whole number below `count`, each as likely (lib/random/exact_uniform_int.h). */
function below(words: WordStream, count: number): number {
	if ((count & (count - 1)) === 0) return (words.next() & (count - 1)) >>> 0;
	const rest = ((2 ** 32 - 1) % count) + 1;
	let word = words.next();
	while (word < rest) word = words.next();
	return word % count;
}

export const cropRows: HostFamily<typeof cropOps> = {
	SampleDistortedBoundingBox: step((node, values, run) => {
		const source = sessionGenerator(node, run, intAttr(node, "max_attempts"));
		const covered = floatAttr(node, "min_object_covered");
		return sampled(node, values.map(tensorOf), covered, source);
	}),
	SampleDistortedBoundingBoxV2: step((node, values, run) => {
		const inputs = values.map(tensorOf);
		const source = sessionGenerator(node, run, intAttr(node, "max_attempts"));
		return sampled(node, inputs, Number(inputs[2].data[0]), source);
	}),
	StatelessSampleDistortedBoundingBox: (node, inputs) => {
		const covered = Number(inputs[2].data[0]);
		return sampled(node, inputs, covered, seededGenerator(inputs[3]));
	},
};
