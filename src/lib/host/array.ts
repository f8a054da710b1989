import { fail } from "../errors.js";
import { dtypeAttr, intAttr, intsAttr } from "../graph/attrs.js";
import { slicedBy, sliceItems } from "../ops/array/strided-slice.js";
import type { arrayOps } from "../ops/array.js";
import { isStatic, normalizeAxis } from "../ops/shapes.js";
import { concat, gatherAxis, sliceAxes } from "../tensor/axis.js";
import type { DType } from "../tensor/dtype.js";
import { tensorFromNumbers } from "../tensor/numbers.js";
import { elementCount, showShape, type Tensor } from "../tensor/tensor.js";
import { transpose } from "../tensor/transpose.js";
import { rounded } from "./elementwise.js";
import type { HostKernel, HostTable } from "./kernel.js";

function integers({ data }: Tensor): number[] {
	return Array.from(data as ArrayLike<number | bigint>, Number);
}

const same: HostKernel = (_, [x]) => [x];

/** The same elements under another shape; one -1 takes what is left. Fails with INVALID where they do not fit. */
function reshaped(x: Tensor, wanted: readonly number[]): Tensor {
	const count = elementCount(x.shape);
	const rest = wanted.reduce(
		(product, size) => (size < 0 ? product : product * size),
		1,
	);
	const shape = wanted.map((size) =>
		size < 0 ? (rest === 0 ? 0 : count / rest) : size,
	);
	if (!isStatic(shape) || elementCount(shape) !== count)
		throw fail(
			"INVALID",
			`cannot reshape ${showShape(x.shape)} to ${showShape(wanted)}: ${count} elements do not fit`,
		);
	return { ...x, shape };
}

const shapeKernel: HostKernel = (node, [x]) => [
	tensorFromNumbers(dtypeAttr(node, "out_type"), [x.shape.length], x.shape),
];

const expandDims: HostKernel = (_, [x, axis]) => [
	{
		...x,
		shape: x.shape.toSpliced(
			normalizeAxis(integers(axis)[0], x.shape.length + 1),
			0,
			1,
		),
	},
];

const squeeze: HostKernel = (node, [x]) => {
	const listed = intsAttr(node, "squeeze_dims").map((axis) =>
		normalizeAxis(axis, x.shape.length),
	);
	const isDropped = (size: number, axis: number) =>
		listed.length === 0 ? size === 1 : listed.includes(axis);
	return [
		{ ...x, shape: x.shape.filter((size, axis) => !isDropped(size, axis)) },
	];
};

const transposeKernel: HostKernel = (_, [x, order]) => [
	transpose(
		x,
		integers(order).map((axis) => normalizeAxis(axis, x.shape.length)),
	),
];

const concatKernel: HostKernel = (_, inputs) => {
	const values = inputs.slice(0, -1);
	return [
		concat(
			values,
			normalizeAxis(
				integers(inputs[inputs.length - 1])[0],
				values[0].shape.length,
			),
		),
	];
};

const pack: HostKernel = (node, inputs) => {
	const axis = normalizeAxis(intAttr(node, "axis"), inputs[0].shape.length + 1);
	return [
		concat(
			inputs.map((input) => ({
				...input,
				shape: input.shape.toSpliced(axis, 0, 1),
			})),
			axis,
		),
	];
};

const unpack: HostKernel = (node, [x]) => {
	const axis = normalizeAxis(intAttr(node, "axis"), x.shape.length);
	return Array.from({ length: x.shape[axis] }, (_, i) => {
		const piece = gatherAxis(x, axis, [i]);
		return { ...piece, shape: x.shape.toSpliced(axis, 1) };
	});
};

const gather: HostKernel = (node, [x, indices, axis]) => {
	if (intAttr(node, "batch_dims") !== 0) return undefined;
	const at = normalizeAxis(integers(axis)[0], x.shape.length);
	const picked = gatherAxis(x, at, integers(indices));
	return [
		{
			...picked,
			shape: [
				...x.shape.slice(0, at),
				...indices.shape,
				...x.shape.slice(at + 1),
			],
		},
	];
};

const slice: HostKernel = (_, [x, begin, sizes]) => {
	const [starts, counts] = [integers(begin), integers(sizes)];
	return [
		sliceAxes(
			x,
			starts.map((start, axis) => ({
				start,
				count: counts[axis] < 0 ? x.shape[axis] - start : counts[axis],
				step: 1,
			})),
		),
	];
};

const stridedSlice: HostKernel = (node, [x, begin, end, strides]) => {
	const bounds = {
		begin: integers(begin),
		end: integers(end),
		strides: integers(strides),
	};
	const items = sliceItems(node, bounds.begin.length, x.shape.length);
	const cut = slicedBy(x, items, bounds);
	return cut === undefined ? undefined : [cut];
};

const fill: HostKernel = (_, [shape, value]) => {
	const sizes = integers(shape);
	const flat = gatherAxis(
		{ ...value, shape: [1] },
		0,
		new Array<number>(elementCount(sizes)).fill(0),
	);
	return [{ ...flat, shape: sizes }];
};

const tile: HostKernel = (_, [x, multiples]) => [
	integers(multiples).reduce(
		(value, count, axis) =>
			count === 1
				? value
				: gatherAxis(
						value,
						axis,
						Array.from(
							{ length: count * value.shape[axis] },
							(_, i) => i % value.shape[axis],
						),
					),
		x,
	),
];

const broadcastTo: HostKernel = (_, [x, wanted]) => {
	const shape = integers(wanted);
	const ranked = {
		...x,
		shape: [
			...new Array<number>(shape.length - x.shape.length).fill(1),
			...x.shape,
		],
	};
	return [
		shape.reduce<Tensor>(
			(value, size, axis) =>
				value.shape[axis] === size
					? value
					: gatherAxis(value, axis, new Array<number>(size).fill(0)),
			ranked,
		),
	];
};

const range: HostKernel = (node, inputs) => {
	const dtype: DType = dtypeAttr(node, "Tidx");
	const [start, limit, delta] = inputs.map((input) => integers(input)[0]);
	if (delta === 0) throw fail("INVALID", "cannot make a range with step 0");
	const count = Math.max(0, Math.ceil((limit - start) / delta));
	return [
		{
			dtype,
			shape: [count],
			data: rounded(
				dtype,
				Array.from({ length: count }, (_, i) => start + i * delta),
			),
		},
	];
};

function like(value: number): HostKernel {
	return (_, [x]) => {
		if (x.dtype === "string") return undefined;
		return [
			{
				dtype: x.dtype,
				shape: x.shape,
				data: rounded(
					x.dtype,
					new Array<number>(elementCount(x.shape)).fill(value),
				),
			},
		];
	};
}

export const arrayKernels: HostTable<typeof arrayOps> = {
	Identity: same,
	EnsureShape: same,
	Shape: shapeKernel,
	Size: (node, [x]) => [
		tensorFromNumbers(dtypeAttr(node, "out_type"), [], [elementCount(x.shape)]),
	],
	Rank: (_, [x]) => [tensorFromNumbers("int32", [], [x.shape.length])],
	Reshape: (_, [x, shape]) => [reshaped(x, integers(shape))],
	ExpandDims: expandDims,
	Squeeze: squeeze,
	Transpose: transposeKernel,
	ConcatV2: concatKernel,
	Pack: pack,
	Unpack: unpack,
	GatherV2: gather,
	Slice: slice,
	StridedSlice: stridedSlice,
	Fill: fill,
	Tile: tile,
	BroadcastTo: broadcastTo,
	Range: range,
	ZerosLike: like(0),
	OnesLike: like(1),
};
