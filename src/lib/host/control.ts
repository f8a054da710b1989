import { functionAttr, functionsAttr, intAttr } from "../graph/attrs.js";
import type { Node } from "../graph/ir.js";
import type { controlOps } from "../ops/control.js";
import { DTYPES } from "../tensor/dtype.js";
import { fromBfloat16, fromFloat16 } from "../tensor/half.js";
import type { Tensor } from "../tensor/tensor.js";
import { type HostFamily, type HostStep, step } from "./kernel.js";
import { inRound, type Row, stackedRows } from "./rows.js";
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
	const rounds = knownRounds(node, inputs);
	let state = inputs;
	const rows: Row[] = [];
	for (let round = 0; ; round++) {
		const goesOn =
			rounds === undefined
				? isTrue(tensorOf((await run.call(cond, state))[0]))
				: round < rounds;
		if (!goesOn)
			return [...state, ...(await stackedRows(node, inputs.length, rows, run))];
		try {
			const made = await run.call(body, state);
			state = made.slice(0, inputs.length);
			rows.push(made.slice(inputs.length));
		} catch (error) {
			throw inRound(error, round, node);
		}
	}
}

/** How often a loop runs that only counts (`_rounds` says which input tells it). */
function knownRounds(
	node: Node,
	inputs: readonly HostValue[],
): number | undefined {
	if (node.attrs._rounds === undefined) return undefined;
	return Number(tensorOf(inputs[intAttr(node, "_rounds")]).data[0]);
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
