import { type Constant, reshapedConstant } from "../../tensor/constant.js";
import { DTYPES, type TypedArray } from "../../tensor/dtype.js";
import { allocate, elementCount } from "../../tensor/tensor.js";

/** A kernel of lines as one of pictures of one row. */
export function pictureKernel(kernel: Constant): Constant {
	return reshapedConstant(kernel, [1, ...kernel.shape]);
}

/** A kernel with zeros between its elements, which does what a dilated one does where TensorFlow has none. */
export function dilatedKernel(
	kernel: Constant,
	dilations: readonly number[],
): Constant {
	if (dilations.every((rate) => rate === 1)) return kernel;
	const { shape, dtype } = kernel;
	const spread = shape.map((length, axis) =>
		axis < dilations.length ? (length - 1) * dilations[axis] + 1 : length,
	);
	const count = elementCount(spread);
	return {
		dtype,
		shape: spread,
		byteLength: count * DTYPES[dtype].bytes,
		read: () => {
			const from = kernel.read().data as TypedArray;
			const to = allocate(dtype, count) as TypedArray;
			const spatial = shape.slice(0, dilations.length);
			const inner = elementCount(shape.slice(dilations.length));
			const places = elementCount(spatial);
			for (let place = 0; place < places; place++) {
				const target = spreadPlace(place, spatial, { dilations, spread });
				to.set(
					from.subarray(place * inner, (place + 1) * inner) as never,
					target * inner,
				);
			}
			return { dtype, shape: spread, data: to };
		},
	};
}

function spreadPlace(
	place: number,
	spatial: readonly number[],
	{
		dilations,
		spread,
	}: { dilations: readonly number[]; spread: readonly number[] },
): number {
	let rest = place;
	let target = 0;
	let stride = 1;
	for (let axis = spatial.length - 1; axis >= 0; axis--) {
		target += (rest % spatial[axis]) * dilations[axis] * stride;
		rest = Math.floor(rest / spatial[axis]);
		stride *= spread[axis];
	}
	return target;
}

/** Row `index` of a weight of two axes. */
export function rowsOf(weight: Constant, index: number): Constant {
	const { dtype, shape } = weight;
	const [, columns] = shape;
	return {
		dtype,
		shape: [columns],
		byteLength: columns * DTYPES[dtype].bytes,
		read: () => {
			const data = weight.read().data as TypedArray;
			return {
				dtype,
				shape: [columns],
				data: data.slice(index * columns, (index + 1) * columns),
			};
		},
	};
}

/** Part `index` of `parts` of a kernel's last axis. */
export function columnsOf(
	kernel: Constant,
	index: number,
	parts: number,
): Constant {
	const { dtype, shape } = kernel;
	const all = shape[shape.length - 1];
	const columns = all / parts;
	const part = [...shape.slice(0, -1), columns];
	const count = elementCount(part);
	return {
		dtype,
		shape: part,
		byteLength: count * DTYPES[dtype].bytes,
		read: () => {
			const from = kernel.read().data as TypedArray;
			const to = allocate(dtype, count) as TypedArray;
			for (let row = 0; row < count / columns; row++) {
				const start = row * all + index * columns;
				to.set(from.subarray(start, start + columns) as never, row * columns);
			}
			return { dtype, shape: part, data: to };
		},
	};
}
