import { fail } from "../../errors.js";
import type { ValueName } from "../../graph/ir.js";
import {
	composite,
	type ExpandContext,
	type OpEntry,
	primitive,
} from "../define.js";
import { movement } from "../movement.js";
import { shapeFromInput } from "../shapes.js";

const intoData = primitive(({ inputs: [{ dtype, shape }] }) => [
	{ dtype, shape },
]);

/** Ops that put elements at indices, and tensors taken apart and put together by indices. */
export const scatteringOps = {
	ScatterNd: primitive((context) => [
		{ dtype: context.inputs[1].dtype, shape: shapeFromInput(context, 2) },
	]),
	ScatterNdNonAliasingAdd: composite(({ inputs, add, node }) => [
		add("TensorScatterAdd", inputs, node.attrs),
	]),
	TensorScatterUpdate: intoData,
	TensorScatterAdd: intoData,
	TensorScatterSub: composite((context) => {
		const { add, inputs, node, scalar, types } = context;
		const [x, indices, updates] = inputs;
		const T = types[0].dtype;
		const negative = add("Sub", [scalar(T, 0), updates], { T });
		return [add("TensorScatterAdd", [x, indices, negative], node.attrs)];
	}),
	TensorScatterMax: intoData,
	TensorScatterMin: intoData,
	InplaceUpdate: rowsInto("Update"),
	InplaceAdd: rowsInto("Add"),
	InplaceSub: rowsInto("Sub"),
	SparseToDense: composite((context) => [dense(context)]),
	DynamicStitch: composite((context) => [stitched(context)]),
	ParallelDynamicStitch: composite((context) => [stitched(context)]),
	DynamicPartition: composite((context) => {
		const { add, inputs, node, scalar, types } = context;
		const [data, partitions] = inputs;
		return node.outputs.map((_, i) => {
			const isHere = add("Equal", [partitions, scalar("int32", i)], {
				T: "int32",
				incompatible_shape_error: true,
			});
			const places = add("Where", [isHere], { T: "bool" });
			return add("GatherNd", [data, places], {
				Tparams: types[0].dtype,
				Tindices: "int64",
			});
		});
	}),
} as const satisfies Record<string, OpEntry>;

/** Rows of `x` at the vector `i`, which may count from the end. */
function rowsInto(what: string) {
	return composite((context) => {
		const { add, inputs, types } = context;
		const { int64, element, shapeOf, expand } = movement(context);
		const [x, i, v] = inputs;
		const rows = add("FloorMod", [int64(i, "int32"), element(shapeOf(x), 0)], {
			T: "int64",
		});
		return [
			add(`TensorScatter${what}`, [x, expand(rows, 1), v], {
				T: types[0].dtype,
				Tindices: "int64",
			}),
		];
	});
}

/** Values, or one value, at the rows of indices; a scalar or vector of indices is for one axis. */
function dense(context: ExpandContext): ValueName {
	const { add, inputs, node, types } = context;
	const { reshape, shapeOf, part, ints } = movement(context);
	const [indices, shape, values, rest] = inputs;
	const T = types[2].dtype;
	const { Tindices } = node.attrs;
	const rows =
		types[0].shape?.length === 2 ? indices : reshape(indices, ints([-1, 1]));
	const count = part(shapeOf(rows), 0, 1);
	const spread = add("BroadcastTo", [values, count], { T, Tidx: "int64" });
	const empty = add("Fill", [shape, rest], { T, index_type: Tindices });
	return add("TensorScatterUpdate", [empty, rows, spread], { T, Tindices });
}

/**
 * Rows of all data put where the indices say, the last one where several say the same (dynamic_stitch_op.cc). Rows that
 * no index names, which TensorFlow leaves undefined, are copies of the first.
 */
function stitched(context: ExpandContext): ValueName {
	const { add } = context;
	const { element, expand, fill, gather, joined, range, shapeOf } =
		movement(context);
	const count = context.inputs.length / 2;
	const { places, rows } = stitchedRows(context, count);
	const last = add("Max", [joined(places, -1), context.scalar("int32", 0)], {
		T: "int64",
		Tidx: "int32",
		keep_dims: true,
	});
	const size = add("AddV2", [last, context.scalar("int64", 1)], { T: "int64" });
	const sources = add(
		"TensorScatterMax",
		[
			fill(size, context.scalar("int64", 0)),
			expand(places, 1),
			range(element(shapeOf(places), 0)),
		],
		{ T: "int64", Tindices: "int64" },
	);
	return gather(rows, sources, 0);
}

/** All indices as one vector, and for each of them a row. */
function stitchedRows(context: ExpandContext, count: number) {
	const { add, inputs, types, scalar } = context;
	const { int64, ints, joined, part, reshape, shapeOf } = movement(context);
	const each = Array.from({ length: count }, (_, i) => i);
	const known = each.find((i) => types[i].shape !== undefined);
	if (known === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot expand ${context.node.op}: the rank of none of its indices is known`,
		);
	const rank = types[known].shape?.length ?? 0;
	const isVector = (i: number) => types[i].shape?.length === 1;
	const rest = each.every(isVector)
		? undefined
		: part(shapeOf(inputs[count + known]), rank);
	const places = each.map((i) => {
		const flat = isVector(i) ? inputs[i] : reshape(inputs[i], ints([-1]));
		return int64(flat, "int32");
	});
	const rows = each.map((i) =>
		isVector(i) || rest === undefined
			? inputs[count + i]
			: reshape(inputs[count + i], joined(-1, rest)),
	);
	return {
		places: joined(...places),
		rows: add("ConcatV2", [...rows, scalar("int32", 0)], {
			T: types[count].dtype,
			N: count,
			Tidx: "int32",
		}),
	};
}
