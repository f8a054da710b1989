import { fail } from "../../../../errors.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** The integers of a constant input; `undefined` if they are computed at run time. */
export function knownIntegers(
	{ constant }: LowerContext,
	index: number,
): readonly number[] | undefined {
	const tensor = constant(index);
	return tensor === undefined
		? undefined
		: Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

/** An integer input as a vector of int64, whatever its type and shape. */
export function integerVector(
	{ cast, emit, inputs, input, ints, constant }: LowerContext,
	index: number,
): OnnxValue {
	const known = constant(index);
	if (known !== undefined)
		return ints(Array.from(known.data as ArrayLike<number | bigint>, Number));
	const value = cast(input(index), "int64");
	return inputs[index].shape?.length === 1
		? value
		: emit("Reshape", [value, ints([-1])]);
}

/** An integer input of one element as a scalar of int64. */
export function integerScalar(
	{ cast, emit, inputs, input, ints }: LowerContext,
	index: number,
): OnnxValue {
	const value = cast(input(index), "int64");
	return inputs[index].shape?.length === 0
		? value
		: emit("Reshape", [value, ints([])]);
}

/**
 * Indices as TensorFlow's kernels on the CPU take them: ONNX counts negative ones from the end, TensorFlow fails. With the
 * sign taken away they are beyond any axis, where ONNX Runtime fails too.
 */
export function strictIndices(
	{ constant, cast, emit, inputs, input, initializer }: LowerContext,
	index: number,
	dtype?: "int64",
): OnnxValue {
	const held = dtype ?? (inputs[index].dtype === "int64" ? "int64" : "int32");
	const value = cast(input(index), held);
	const known = constant(index)?.data as ArrayLike<number | bigint> | undefined;
	if (known !== undefined && Array.from(known).every((place) => place >= 0))
		return value;
	const mask =
		held === "int64"
			? BigInt64Array.of(2n ** 63n - 1n)
			: Int32Array.of(2 ** 31 - 1);
	return emit("BitwiseAnd", [
		value,
		initializer({ dtype: held, shape: [], data: mask }),
	]);
}

/** Which indices, [..., coordinates] as `strictIndices` returns them, are in a box of these sizes: [..., 1]. */
export function areThere(
	{ cast, emit, ints }: LowerContext,
	indices: OnnxValue,
	sizes: OnnxValue,
): OnnxValue {
	const each = emit("Less", [indices, sizes], {}, { dtype: "bool" });
	const all = emit("ReduceMin", [cast(each, "uint8"), ints([-1])]);
	return cast(all, "bool");
}

/** For rows that need to know the rank. Fails with UNSUPPORTED if it is not known. */
export function knownRank({ inputs, node }: LowerContext, index = 0): number {
	const rank = inputs[index].shape?.length;
	if (rank === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot lower ${node.op}: the rank of its input ${index} is not known`,
		);
	return rank;
}
