import { fail } from "../../errors.js";
import { stringsAttr } from "../../graph/attrs.js";
import { denseShape } from "../../ops/ragged/dense-shape.js";
import { broadcast } from "../../ops/shapes.js";
import { DTYPES, type NumericArray } from "../../tensor/dtype.js";
import { integersOf } from "../../tensor/integers.js";
import { placeRows } from "../../tensor/row-copy.js";
import {
	allocate,
	elementCount,
	showShape,
	type Tensor,
} from "../../tensor/tensor.js";
import { eachRow } from "../broadcast.js";
import type { HostKernel } from "../kernel.js";
import { splitsOf, widest } from "./partition.js";

/** `RaggedTensorToTensor` (kernels/ragged_tensor_to_tensor_op.cc): rows cut or filled up to one length. */
export const raggedTensorToTensor: HostKernel = (node, inputs) => {
	const [wanted, values, defaults, ...tensors] = inputs;
	const kinds = stringsAttr(node, "row_partition_types");
	const hasFirst = kinds[0] === "FIRST_DIM_SIZE";
	const axes = kinds.map((kind, i) => partition(kind, tensors[i]));
	const first = hasFirst ? integersOf(tensors[0])[0] : (axes[0]?.rowCount ?? 0);
	const ragged = hasFirst ? axes.slice(1) : axes;
	const declared = denseShape(
		wanted.shape.length === 0 ? undefined : Array.from(integersOf(wanted)),
		ragged.length,
		values.shape,
	) as readonly number[];
	const shape = declared.map((size, axis) => {
		if (size >= 0) return size;
		return axis === 0 ? first : (ragged[axis - 1]?.width() ?? 0);
	});
	const places = placesOf(ragged, shape, first, values.shape[0]);
	const rows = elementCount(shape.slice(0, ragged.length + 1));
	const filler = element(defaults, values.shape.slice(1));
	return [{ ...placeRows(values, places, rows, filler), shape }];
};

/** One ragged axis: how its rows are made of the values below it. */
interface Partition {
	/** Known for splits alone. */
	readonly rowCount: number | undefined;
	/** The length of the longest row. */
	width(): number;
	/** Places of the values, from those of the rows; -1 for what is cut off. */
	placed(rows: Int32Array, size: number): Int32Array;
}

const PARTITIONS: Readonly<
	Record<string, ((tensor: Tensor) => Partition) | undefined>
> = {
	FIRST_DIM_SIZE: () => ({
		rowCount: undefined,
		width: () => 0,
		placed: (rows) => rows,
	}),
	ROW_SPLITS: bySplits,
	VALUE_ROWIDS: byRowIds,
};

function partition(kind: string, tensor: Tensor): Partition {
	const make = PARTITIONS[kind];
	if (make === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot read a row partition of type ${kind}: mlship knows ${Object.keys(PARTITIONS).join(", ")}`,
		);
	return make(tensor);
}

function bySplits(tensor: Tensor): Partition {
	const splits = splitsOf(tensor);
	return {
		rowCount: splits.length - 1,
		width: () => widest(splits),
		placed(rows, size) {
			if (rows.length !== splits.length - 1)
				throw fail(
					"INVALID",
					`cannot split ${rows.length} rows by ${splits.length} row splits: wanted ${rows.length + 1}`,
				);
			const places = new Int32Array(splits[splits.length - 1]).fill(-1);
			for (let row = 0; row < rows.length; row++) {
				if (rows[row] < 0) continue;
				const end = Math.min(splits[row + 1], splits[row] + size);
				for (let at = splits[row], k = rows[row] * size; at < end; at++, k++)
					places[at] = k;
			}
			return places;
		},
	};
}

function byRowIds(tensor: Tensor): Partition {
	const ids = integersOf(tensor);
	return {
		rowCount: undefined,
		width() {
			let [longest, start] = [0, 0];
			for (let at = 0; at < ids.length; at++) {
				if (ids[at] !== ids[start]) start = at;
				longest = Math.max(longest, at + 1 - start);
			}
			return longest;
		},
		placed(rows, size) {
			const places = new Int32Array(ids.length).fill(-1);
			for (let at = 0, start = 0; at < ids.length; at++) {
				const row = ids[at];
				if (row < 0 || row >= rows.length || row < ids[start])
					throw fail(
						"INVALID",
						`cannot place value ${at} in row ${row}: there are ${rows.length} rows, and ids must not fall`,
					);
				if (row !== ids[start]) start = at;
				if (rows[row] >= 0 && at - start < size)
					places[at] = rows[row] * size + at - start;
			}
			return places;
		},
	};
}

/** The row of the result, all axes but those of a value taken together, in which each value stands. */
function placesOf(
	axes: readonly Partition[],
	shape: readonly number[],
	first: number,
	count: number,
): Int32Array {
	const places = axes.reduce<Int32Array>(
		(rows, axis, i) => axis.placed(rows, shape[i + 1]),
		Int32Array.from({ length: first }, (_, row) => (row < shape[0] ? row : -1)),
	);
	if (places.length !== count)
		throw fail(
			"INVALID",
			`cannot make a tensor of ${count} ragged values: the partition has ${places.length}`,
		);
	return places;
}

/** The default of one element, stretched to the shape of a value. */
function element(defaults: Tensor, shape: readonly number[]): Tensor {
	if (elementCount(defaults.shape) === 1) return defaults;
	const stretched = broadcast(defaults.shape, shape);
	if (showShape(stretched) !== showShape(shape))
		throw fail(
			"INVALID",
			`cannot fill up with a default of shape ${showShape(defaults.shape)}: a value is of shape ${showShape(shape)}`,
		);
	const { lanes } = DTYPES[defaults.dtype];
	const data = allocate(defaults.dtype, elementCount(shape)) as NumericArray;
	const from = defaults.data as NumericArray;
	eachRow(shape, [defaults.shape], (at, length, [start], [move]) => {
		for (let k = 0; k < length; k++)
			for (let lane = 0; lane < lanes; lane++)
				data[(at + k) * lanes + lane] = from[(start + k * move) * lanes + lane];
	});
	return { dtype: defaults.dtype, shape, data };
}
