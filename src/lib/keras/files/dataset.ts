import { fail } from "../../errors.js";
import type { Hdf5Dataset } from "../../formats/hdf5.js";
import type { Constant } from "../../tensor/constant.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { elementCount, tensorFromBytes } from "../../tensor/tensor.js";

/** By kind and bytes of an element. */
const TYPES: Readonly<Record<string, DType>> = {
	float2: "float16",
	float4: "float32",
	float8: "float64",
	int1: "int8",
	int2: "int16",
	int4: "int32",
	int8: "int64",
	uint1: "uint8",
	uint2: "uint16",
	uint4: "uint32",
	uint8: "uint64",
	bool1: "bool",
	string0: "string",
};

/** A weight in a dataset of an HDF5 file, read when it is needed. Fails with UNSUPPORTED for other elements. */
export function datasetConstant(path: string, dataset: Hdf5Dataset): Constant {
	const { kind, itemSize, shape, attributes } = dataset;
	const found = TYPES[`${kind}${itemSize}`];
	if (found === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot read weight ${path}: its elements are ${kind}s of ${itemSize} bytes`,
		);
	// which HDF5 has no name for (keras saving_lib.py, H5Entry)
	const dtype =
		found === "uint16" && attributes.has("dtype") ? "bfloat16" : found;
	if (dtype === "string") {
		const read = () => ({
			dtype,
			shape,
			data: dataset.readStrings().map((text) => Buffer.from(text)),
		});
		return { dtype, shape, byteLength: 0, read };
	}
	return {
		dtype,
		shape,
		byteLength: elementCount(shape) * DTYPES[dtype].bytes,
		read: () => tensorFromBytes(dtype, shape, dataset.readBytes()),
	};
}
