import { fail } from "../../errors.js";
import { boolAttr, dtypeAttr } from "../../graph/attrs.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import type { Tensor, TensorData } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { checkedSize } from "./fill.js";

/** Strings of one length as the elements whose bytes they are. */
const decodeRaw: HostKernel = (node, [input]) => {
	const strings = input.data as readonly Uint8Array[];
	const length = strings[0]?.length ?? 0;
	for (const [i, { length: found }] of strings.entries())
		if (found !== length)
			throw fail(
				"INVALID",
				`cannot decode raw bytes: element ${i} has ${found} bytes, element 0 has ${length}`,
			);
	return [elements(node, input, length)];
};

/** The same of strings that are cut or filled up with zeros to one length. */
const decodePaddedRaw: HostKernel = (node, [input, fixedLength]) => {
	const length = Number(fixedLength.data[0]);
	if (length <= 0)
		throw fail(
			"INVALID",
			`cannot decode raw bytes to a length of ${length}: wanted a positive one`,
		);
	return [elements(node, input, length)];
};

export const rawRows = {
	DecodeRaw: decodeRaw,
	DecodePaddedRaw: decodePaddedRaw,
} as const;

function elements(
	node: Parameters<HostKernel>[0],
	{ shape, data }: Tensor,
	length: number,
): Tensor {
	const dtype = dtypeAttr(node, "out_type");
	const { bytes: size, lanes } = DTYPES[dtype];
	if (size === 0 || length % size !== 0)
		throw fail(
			"INVALID",
			`cannot decode ${length} bytes as ${dtype}: an element has ${size} bytes`,
		);
	const strings = data as readonly Uint8Array[];
	const bytes = new Uint8Array(checkedSize(strings.length * length));
	for (const [i, string] of strings.entries())
		bytes.set(
			string.length > length ? string.subarray(0, length) : string,
			i * length,
		);
	if (!boolAttr(node, "little_endian")) reverse(bytes, size / lanes);
	return {
		dtype,
		shape: [...shape, length / size],
		data: viewed(dtype, bytes),
	};
}

/** Turns round the bytes of every element, or of each part of a complex one. */
function reverse(bytes: Uint8Array, size: number): void {
	if (size > 1)
		for (let at = 0; at < bytes.length; at += size)
			bytes.subarray(at, at + size).reverse();
}

function viewed(dtype: DType, bytes: Uint8Array): TensorData {
	if (dtype === "bool") return bytes.map((byte) => (byte === 0 ? 0 : 1));
	const View = DTYPES[dtype].array as Float32ArrayConstructor;
	return new View(
		bytes.buffer as ArrayBuffer,
		0,
		bytes.length / View.BYTES_PER_ELEMENT,
	);
}
