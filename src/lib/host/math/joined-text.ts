import { broadcast } from "../../ops/shapes.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import { eachRow } from "../broadcast.js";
import type { HostKernel } from "../kernel.js";

/** The kernel of a sum, which for strings is the one behind the other (cwise_op_add_2.cc). */
export function withText(kernel: HostKernel): HostKernel {
	return (node, inputs) =>
		inputs[0].dtype === "string" ? [joined(inputs)] : kernel(node, inputs);
}

function joined([a, b]: readonly Tensor[]): Tensor {
	const shape = broadcast(a.shape, b.shape) ?? [];
	const data = new Array<Uint8Array>(elementCount(shape));
	const [first, second] = [a, b].map((x) => x.data as readonly Uint8Array[]);
	eachRow(shape, [a.shape, b.shape], (at, length, [i, j], [p, q]) => {
		for (let k = 0; k < length; k++) {
			const head = first[i + k * p];
			const tail = second[j + k * q];
			const text = new Uint8Array(head.length + tail.length);
			text.set(head);
			text.set(tail, head.length);
			data[at + k] = text;
		}
	});
	return { dtype: "string", shape, data };
}
