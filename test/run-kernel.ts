import type { Attr, Attrs } from "../src/lib/graph/ir.js";
import { hostRow } from "../src/lib/host/index.js";
import type { HostRun } from "../src/lib/host/kernel.js";
import type { HostValue } from "../src/lib/host/value.js";
import { opDef } from "../src/lib/ops/opdef.js";
import { DTYPES, type DType } from "../src/lib/tensor/dtype.js";
import { tensorFromNumbers } from "../src/lib/tensor/numbers.js";
import { type Tensor, tensor } from "../src/lib/tensor/tensor.js";

/** Runs the host's row for an op alone, with TensorFlow's defaults for attributes that are not given. */
export async function runKernel(
	op: string,
	inputs: readonly HostValue[],
	attrs: Attrs = {},
): Promise<readonly HostValue[]> {
	const filled: Record<string, Attr> = {};
	for (const [name, { default: value }] of opDef(op)?.attrs ?? [])
		if (value !== undefined) filled[name] = value;
	const row = hostRow(
		{ op },
		inputs.map(({ dtype }) => dtype),
	);
	const node = {
		name: "node",
		op,
		inputs: [],
		outputs: [],
		attrs: { ...filled, ...attrs },
	};
	if (row === undefined) throw new Error(`the host has no row for ${op}`);
	const results =
		typeof row === "function"
			? row(node, inputs as readonly Tensor[])
			: await row.step(node, inputs, {} as HostRun);
	if (results === undefined) throw new Error(`${op} takes no such types`);
	return results;
}

/** A tensor of nested lists; texts become bytes. */
export function given(dtype: DType, value: unknown): Tensor {
	const shape: number[] = [];
	for (let list = value; Array.isArray(list); list = list[0])
		shape.push(list.length);
	const flat = [value].flat(99) as unknown[];
	return dtype === "string"
		? tensor(
				dtype,
				shape,
				flat.map((text) => Buffer.from(String(text))),
			)
		: tensorFromNumbers(dtype, shape, flat.map(Number));
}

/** What a value is, to compare: element type, shape, and elements as numbers, or texts. */
export function plain(value: HostValue): unknown {
	if ("items" in value) return value;
	const { dtype, shape, data } = value;
	const isText = DTYPES[dtype].kind === "string";
	return [
		dtype,
		shape,
		isText
			? (data as readonly Uint8Array[]).map((bytes) =>
					String(Buffer.from(bytes)),
				)
			: Array.from(data as ArrayLike<number | bigint>, Number),
	];
}
