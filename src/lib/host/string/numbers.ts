import { fail } from "../../errors.js";
import { readFloat, readInt32, readInt64 } from "../../formats/number-text.js";
import { dtypeAttr } from "../../graph/attrs.js";
import { DTYPES, type DType, type TypedArray } from "../../tensor/dtype.js";
import { allocate } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { latin1, textsOf } from "./text.js";

type Read = (text: string) => number | bigint | undefined;

const READERS: Partial<Record<DType, Read>> = {
	float32: readFloat,
	float64: readFloat,
	int32: readInt32,
	int64: readInt64,
	uint32: bounded(readInt64, 0n, 2n ** 32n - 1n),
	uint64: readUint64,
};

/** Numbers in text, white space around them allowed. */
export const toNumber: HostKernel = (node, [x]) => {
	const dtype = dtypeAttr(node, "out_type");
	const read = READERS[dtype];
	if (read === undefined) return undefined;
	const data = allocate(dtype, x.data.length) as TypedArray;
	const isBig = DTYPES[dtype].kind === "bigint";
	for (const [i, bytes] of textsOf(x).entries()) {
		const text = latin1(bytes);
		const number = read(text);
		if (number === undefined)
			throw fail(
				"INVALID",
				`cannot read text ${i} as ${dtype}: found ${JSON.stringify(text)}`,
			);
		data[i] = (isBig ? BigInt(number) : Number(number)) as never;
	}
	return [{ dtype, shape: x.shape, data }];
};

function bounded(
	read: (text: string) => bigint | undefined,
	least: bigint,
	most: bigint,
): Read {
	return (text) => {
		const number = read(text);
		return number !== undefined && number >= least && number <= most
			? Number(number)
			: undefined;
	};
}

function readUint64(text: string): bigint | undefined {
	const digits = /^\s*\+?(\d+)\s*$/.exec(text)?.[1];
	const number = digits === undefined ? undefined : BigInt(digits);
	return number !== undefined && number < 2n ** 64n ? number : undefined;
}
