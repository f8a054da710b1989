import { fail, MlshipError } from "../errors.js";
import { dtypesAttr, functionAttr, functionsAttr } from "../graph/attrs.js";
import type { Attr, Node } from "../graph/ir.js";
import type { controlOps } from "../ops/control.js";
import { DTYPES } from "../tensor/dtype.js";
import { fromBfloat16, fromFloat16 } from "../tensor/half.js";
import {
	allocate,
	elementCount,
	type Tensor,
	type TensorData,
} from "../tensor/tensor.js";
import { type HostFamily, type HostStep, step } from "./kernel.js";
import { type HostValue, tensorOf } from "./value.js";

/** Branches and loops whose bodies no runtime computes as a whole. */
export const controlKernels: HostFamily<typeof controlOps> = {
	If: step(branch),
	StatelessIf: step(branch),
	Case: step(choice),
	StatelessCase: step(choice),
	While: step(loop),
	StatelessWhile: step(loop),
};

function branch(
	...[node, [predicate, ...passed], run]: Parameters<HostStep>
): ReturnType<HostStep> {
	const chosen = isTrue(tensorOf(predicate)) ? "then_branch" : "else_branch";
	return run.call(functionAttr(node, chosen), passed);
}

/** An index beyond the branches takes the last one (functional_ops.cc, CaseOp). */
function choice(
	...[node, [index, ...passed], run]: Parameters<HostStep>
): ReturnType<HostStep> {
	const branches = functionsAttr(node, "branches");
	const asked = Number(tensorOf(index).data[0]);
	const chosen = branches[asked] ?? branches[branches.length - 1];
	return run.call(chosen, passed);
}

async function loop(
	...[node, inputs, run]: Parameters<HostStep>
): Promise<readonly HostValue[]> {
	const [cond, body] = [functionAttr(node, "cond"), functionAttr(node, "body")];
	let state = inputs;
	const rows: (readonly HostValue[])[] = [];
	for (let round = 0; ; round++) {
		const [goesOn] = await run.call(cond, state);
		if (!isTrue(tensorOf(goesOn)))
			return [...state, ...stackedRows(node, inputs.length, rows)];
		try {
			const made = await run.call(body, state);
			state = made.slice(0, inputs.length);
			rows.push(made.slice(inputs.length));
		} catch (error) {
			throw inRound(error, round, node);
		}
	}
}

/** What each round gave besides its state, one output after the other, the rounds on a new first axis. */
function stackedRows(
	node: Node,
	carried: number,
	rows: readonly (readonly HostValue[])[],
): readonly Tensor[] {
	return dtypesAttr(node, "T")
		.slice(carried)
		.map((dtype, i) => {
			const tensors = rows.map((row) => tensorOf(row[i]));
			const shape = tensors[0]?.shape ?? declaredRow(node, carried + i);
			const data = allocate(dtype, tensors.length * elementCount(shape));
			return {
				dtype,
				shape: [tensors.length, ...shape],
				data: joined(data, tensors),
			};
		});
}

/** The shape of a row that no round gave. */
function declaredRow({ attrs }: Node, index: number): readonly number[] {
	const shapes: Attr | undefined = attrs.output_shapes;
	const declared = Array.isArray(shapes) ? shapes[index]?.dims : undefined;
	return (declared ?? []).slice(1).map((size: number) => Math.max(size, 0));
}

function joined(into: TensorData, tensors: readonly Tensor[]): TensorData {
	let at = 0;
	for (const { data } of tensors) {
		if (ArrayBuffer.isView(into))
			(into as Uint8Array).set(data as Uint8Array, at);
		else
			for (const [i, text] of (data as Uint8Array[]).entries())
				(into as Uint8Array[])[at + i] = text;
		at += data.length;
	}
	return into;
}

/** A loop over rows (map_fn) stops at the row that its body refuses: the caller is told which. */
function inRound(error: unknown, round: number, { name, op }: Node): unknown {
	if (!(error instanceof MlshipError) || error.code !== "INVALID") return error;
	return fail("INVALID", `${error.message}, at row ${round} of the loop`, {
		cause: error,
		at: { node: name, op },
	});
}

/** A scalar is true if it is not zero or not empty, any other tensor if it has elements (functional_ops.cc, ToBool). */
function isTrue({ dtype, shape, data }: Tensor): boolean {
	if (shape.length > 0) return data.length > 0;
	const [value] = data;
	if (value instanceof Uint8Array) return value.length > 0;
	if (DTYPES[dtype].kind !== "half")
		return Boolean(value) || Number.isNaN(value);
	const numbers = (dtype === "float16" ? fromFloat16 : fromBfloat16)(
		data as Uint16Array,
	);
	return numbers[0] !== 0;
}
