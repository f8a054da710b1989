import { functionAttr, functionsAttr } from "../../../graph/attrs.js";
import type { controlOps } from "../../../ops/control.js";
import type { ValueType } from "../../../ops/define.js";
import { arithmetic } from "../arithmetic.js";
import type {
	LiteContext,
	LiteLowering,
	LiteResult,
	LiteTable,
	LiteValue,
	MakeGraph,
} from "../lowering.js";
import { storedType } from "../storage.js";
import { accumulators } from "./control/accumulators.js";
import { recurrentLayer } from "./control/recurrent.js";
import { shapeOf } from "./rows.js";

const branch: LiteLowering = (context) => {
	const { node, inputs, input } = context;
	const args = node.inputs.slice(1).map((_, i) => input(i + 1));
	const taken = (attr: string) => called(functionAttr(node, attr));
	return conditional(
		context,
		truth(context, input(0), inputs[0]),
		args,
		taken("then_branch"),
		taken("else_branch"),
	);
};

/** One condition inside the other: the first branch, or the second, … or the last, which any other index takes too. */
const choice: LiteLowering = (context) => {
	const { node, input } = context;
	const branches = functionsAttr(node, "branches").map(called);
	const args = node.inputs.map((_, i) => input(i));
	const from =
		(i: number): MakeGraph =>
		(inner, given) => {
			const [index, ...rest] = given;
			if (i === branches.length - 1) return branches[i](inner, rest);
			return conditional(
				inner,
				arithmetic(inner).equal(index, i),
				given,
				(body, [, ...values]) => branches[i](body, values),
				from(i + 1),
			);
		};
	return from(0)(context, args);
};

function called(name: string): MakeGraph {
	return ({ call }, args) => call(name, args);
}

function conditional(
	context: LiteContext,
	condition: LiteValue,
	args: readonly LiteValue[],
	yes: MakeGraph,
	no: MakeGraph,
): readonly LiteValue[] {
	const { graph, emitMany, outputs, node } = context;
	const results = outputs.map(held);
	const body = (suffix: string, make: MakeGraph) =>
		graph(`${node.name}/${suffix}`, args, (inner, given) =>
			make(inner, given).map((value, i) => inner.cast(value, results[i].dtype)),
		);
	return emitMany("IF", [condition, ...args], results, [
		"IfOptions",
		{
			thenSubgraphIndex: body("then", yes),
			elseSubgraphIndex: body("else", no),
		},
	]);
}

/** What a loop returns stacked over its rounds is written into tensors that go round with a counter (passes/bodies/scan.ts). */
const loop: LiteLowering = (context) => {
	const layer = recurrentLayer(context);
	if (layer !== undefined) return layer;
	const { node, input, graph, emitMany } = context;
	const [cond, body] = ["cond", "body"].map((attr) => functionAttr(node, attr));
	const args = node.inputs.map((_, i) => input(i));
	const stacks = accumulators(context, args);
	const carried = [...args.map(loose(context)), ...stacks.starts];
	const condSubgraphIndex = graph(
		`${node.name}/cond`,
		carried,
		(inner, given) => {
			const [answer] = inner.call(cond, given.slice(0, args.length));
			const { value } = inner.bodyOf(cond).outputs[0];
			return [truth(inner, answer, context.types.typeOf(value))];
		},
	);
	const bodySubgraphIndex = graph(
		`${node.name}/body`,
		carried,
		(inner, given) => {
			const made = inner.call(body, given.slice(0, args.length));
			return [
				...made
					.slice(0, args.length)
					.map((value, i) => inner.cast(value, args[i].dtype)),
				...stacks.next(
					inner,
					given.slice(args.length),
					made.slice(args.length),
				),
			];
		},
	);
	const results = emitMany("WHILE", carried, carried, [
		"WhileOptions",
		{ condSubgraphIndex, bodySubgraphIndex },
	]);
	return [
		...results.slice(0, args.length),
		// the counter is nobody's
		...results.slice(args.length + 1),
	];
};

/** A loop's value in the shape that it has in all rounds. */
function loose({ bodyOf, node }: LiteContext) {
	const { inputs } = bodyOf(functionAttr(node, "body"));
	return (value: LiteValue, i: number): LiteValue => ({
		...value,
		shape: inputs[i].shape,
	});
}

function held({ dtype, shape }: ValueType): LiteResult {
	return { dtype: storedType(dtype), shape };
}

/** A scalar is true if it is not zero, any other tensor if it has elements (functional_ops.cc, ToBool). */
function truth(
	context: LiteContext,
	value: LiteValue,
	{ shape }: ValueType,
): LiteValue {
	const { emit, ints, scalar } = context;
	if (shape === undefined || shape.length === 0)
		return value.dtype === "bool"
			? value
			: emit("NOT_EQUAL", [value, scalar(value.dtype, 0)], {
					dtype: "bool",
					shape: [],
				});
	const size = emit(
		"REDUCE_PROD",
		[shapeOf(context, value), ints([0])],
		{ dtype: "int32", shape: [] },
		["ReducerOptions", { keepDims: false }],
	);
	return arithmetic(context).less(0, size);
}

export const controlRows: LiteTable<typeof controlOps> = {
	If: branch,
	StatelessIf: branch,
	Case: choice,
	StatelessCase: choice,
	While: loop,
	StatelessWhile: loop,
};
