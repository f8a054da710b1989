import { liteType } from "../../lite/schema.js";
import type { Constant } from "../../tensor/constant.js";
import type { DType } from "../../tensor/dtype.js";
import { unfit } from "./lowering.js";

/**
 * In which element type of TensorFlow Lite a value is held. bfloat16 is held as float32, whose upper half its bits are: runtimes
 * before 2.17 know it not at all. Fails with UNSUPPORTED where no type holds the values.
 */
export function storedType(dtype: DType): DType {
	if (dtype === "bfloat16") return "float32";
	if (liteType(dtype) === undefined || HANDLES.has(dtype))
		throw unfit(`TensorFlow Lite has no ${dtype} tensors`);
	return dtype;
}

/** Types of schema.fbs that stand for no elements. */
const HANDLES: ReadonlySet<DType> = new Set(["resource", "variant"]);

export function storedConstant(constant: Constant): Constant {
	const dtype = storedType(constant.dtype);
	if (dtype === constant.dtype) return constant;
	return {
		dtype,
		shape: constant.shape,
		byteLength: 2 * constant.byteLength,
		read: () => {
			const { shape, data } = constant.read();
			const bits = Uint32Array.from(data as Uint16Array, (half) => half << 16);
			return { dtype, shape, data: new Float32Array(bits.buffer) };
		},
	};
}
