import type { TensorSliceProto } from "../../gen/checkpoint_pb.js";
import {
	orderedNumber,
	orderedSignedNumber,
	orderedString,
} from "../formats/ordered-code.js";
import type { Region } from "./region.js";

/**
 * The region of a stored slice in a tensor of `shape`; an extent without length is the whole dimension
 * (tensorflow/core/framework/tensor_slice.cc). Undefined where it does not fit into the shape.
 */
export function regionOfSlice(
	slice: TensorSliceProto,
	shape: readonly number[],
): Region | undefined {
	if (slice.extent.length !== shape.length) return undefined;
	const region = slice.extent.map(({ start, length }, i) => ({
		start: Number(start),
		length: length === undefined ? shape[i] : Number(length),
	}));
	const fits = region.every(
		({ start, length }, i) =>
			start >= 0 && length >= 0 && start + length <= shape[i],
	);
	return fits ? region : undefined;
}

/**
 * The key under which a bundle keeps one slice of a tensor
 * (tensorflow/core/util/saved_tensor_slice_util.cc, EncodeTensorNameSlice).
 */
export function sliceKey(name: string, slice: TensorSliceProto): Uint8Array {
	return Buffer.concat([
		orderedNumber(0),
		orderedString(Buffer.from(name)),
		orderedNumber(slice.extent.length),
		...slice.extent.flatMap(({ start, length }) => [
			orderedSignedNumber(length === undefined ? 0n : start),
			orderedSignedNumber(length ?? -1n),
		]),
	]);
}

/**
 * The region that `RestoreV2` is asked for by `shape_and_slices`, as `10 4 0,5:-` for rows 0 to 4 of a 10×4 tensor: the
 * shape, then an extent a dimension (tensorflow/core/framework/tensor_slice.cc, ParseOrDie). Undefined for the empty
 * string, which is the whole tensor, and for anything else that does not parse.
 */
export function parseSliceSpec(text: string): Region | undefined {
	const words = text.trim().split(/\s+/);
	const extents = words.pop();
	if (extents === undefined || extents === "" || words.length === 0)
		return undefined;
	const shape = words.map(Number);
	const region = extents.split(":").map((extent, i) => {
		const [start, length] = extent === "-" ? [0, shape[i]] : extent.split(",");
		return { start: Number(start), length: Number(length) };
	});
	const fits =
		region.length === shape.length &&
		region.every(
			({ start, length }, i) =>
				start >= 0 && length >= 0 && start + length <= shape[i],
		);
	return fits ? region : undefined;
}
