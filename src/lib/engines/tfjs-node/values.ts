import { fail } from "../../errors.js";
import { DTYPES, type DType, dtypeFromNumber } from "../../tensor/dtype.js";
import {
	type Tensor,
	tensor,
	tensorBytes,
	tensorFromBytes,
} from "../../tensor/tensor.js";
import type { Addon, AddonTensor } from "./addon.js";

/** Gives a tensor to libtensorflow; returns its id. Types that the addon cannot make are made of their bytes. */
export function toTensorFlow(addon: Addon, given: Tensor): number {
	const { dtype, shape, data } = given;
	if (!ArrayBuffer.isView(data))
		return addon.createTensor(shape, addon.TF_STRING, data);
	if (DIRECT.has(dtype))
		return addon.createTensor(shape, DTYPES[dtype].tf, data);
	if (dtype === "int64")
		return addon.createTensor(
			shape,
			addon.TF_INT64,
			new Int32Array(data.buffer, data.byteOffset, data.length * 2),
		);
	const { bytes } = DTYPES[dtype];
	const raw = addon.createTensor(
		bytes === 1 ? shape : [...shape, bytes],
		addon.TF_UINT8,
		tensorBytes(given),
	);
	return replaced(addon, raw, bitcast(addon, raw, "uint8", dtype));
}

/** The tensor of an id, in storage of its own; the id is used up. */
export function fromTensorFlow(
	addon: Addon,
	{ id, shape, dtype: number }: AddonTensor,
): Tensor {
	const dtype = dtypeFromNumber(number);
	const { bytes, kind } = DTYPES[dtype];
	if (kind === "handle")
		throw fail("UNSUPPORTED", `cannot read a ${dtype} from libtensorflow`);
	if (READABLE.has(dtype)) {
		const data = read(addon, id);
		return tensor(dtype, shape, data as Float32Array);
	}
	const whole = WHOLE[bytes];
	if (whole !== undefined) {
		const same = replaced(addon, id, bitcast(addon, id, dtype, whole));
		return tensorFromBytes(dtype, shape, bytesOf(read(addon, same)));
	}
	const raw = replaced(addon, id, bitcast(addon, id, dtype, "uint8"));
	const wide = replaced(addon, raw, widened(addon, raw));
	return tensorFromBytes(
		dtype,
		shape,
		Uint8Array.from(read(addon, wide) as Int32Array),
	);
}

/** What the addon makes of typed arrays. */
const DIRECT: ReadonlySet<DType> = new Set([
	"float32",
	"int32",
	"bool",
	"uint8",
]);

/** What the addon returns as typed arrays. */
const READABLE: ReadonlySet<DType> = new Set([
	"float32",
	"int32",
	"int64",
	"bool",
	"string",
	"complex64",
]);

/** A readable type for elements of so many bytes, or for parts of them. */
const WHOLE: Readonly<Record<number, DType | undefined>> = {
	4: "int32",
	8: "int64",
	16: "int64",
};

function read(addon: Addon, id: number): ArrayBufferView | Uint8Array[] {
	const data = addon.tensorDataSync(id);
	addon.deleteTensor(id);
	return data;
}

function replaced(addon: Addon, old: number, id: number): number {
	addon.deleteTensor(old);
	return id;
}

function bitcast(addon: Addon, id: number, from: DType, to: DType): number {
	return addon.executeOp(
		"Bitcast",
		[typeAttr(addon, "T", from), typeAttr(addon, "type", to)],
		[id],
		1,
	)[0].id;
}

/** The addon reads no uint8. */
function widened(addon: Addon, id: number): number {
	return addon.executeOp(
		"Cast",
		[
			typeAttr(addon, "SrcT", "uint8"),
			typeAttr(addon, "DstT", "int32"),
			{ name: "Truncate", type: addon.TF_ATTR_BOOL, value: false },
		],
		[id],
		1,
	)[0].id;
}

function typeAttr(addon: Addon, name: string, dtype: DType) {
	return { name, type: addon.TF_ATTR_TYPE, value: DTYPES[dtype].tf as number };
}

function bytesOf(data: ArrayBufferView | Uint8Array[]): Uint8Array {
	if (!ArrayBuffer.isView(data))
		throw fail("BUG", "libtensorflow returned strings for numbers");
	return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
