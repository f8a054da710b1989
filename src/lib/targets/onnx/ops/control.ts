import { functionAttr, functionsAttr } from "../../../graph/attrs.js";
import type { controlOps } from "../../../ops/control.js";
import type { ValueType } from "../../../ops/define.js";
import type { DType } from "../../../tensor/dtype.js";
import { storageType } from "../kernels.js";
import {
	type LowerContext,
	type LoweringTable,
	type OnnxValue,
	ROUND_INPUTS,
} from "../lowering.js";
import { recurrentLayer } from "./control/recurrent.js";

export const controlLowerings: LoweringTable<typeof controlOps> = {
	If: branch,
	StatelessIf: branch,
	Case: choice,
	StatelessCase: choice,
	While: loop,
	StatelessWhile: loop,
};

type Make = (context: LowerContext) => readonly OnnxValue[];

function branch(context: LowerContext): readonly OnnxValue[] {
	const { node, inputs, input } = context;
	return conditional(
		context,
		truth(context, input(0), inputs[0]),
		taken(context, functionAttr(node, "then_branch")),
		taken(context, functionAttr(node, "else_branch")),
	);
}

/** One condition inside the other: the first branch, or the second, … or the last, which any other index takes too. */
function choice(context: LowerContext): readonly OnnxValue[] {
	const branches = functionsAttr(context.node, "branches").map((name) =>
		taken(context, name),
	);
	const index = context.input(0);
	const from =
		(i: number): Make =>
		(inner) => {
			if (i === branches.length - 1) return branches[i](inner);
			const condition = inner.emit(
				"Equal",
				[index, inner.scalar("int32", i)],
				{},
				{ dtype: "bool" },
			);
			return conditional(inner, condition, branches[i], from(i + 1));
		};
	// one branch alone needs no condition, and has values of its own all the same
	return from(0)(context);
}

/** A branch sees the values around it, so nothing is passed in. */
function taken({ node, input }: LowerContext, name: string): Make {
	const args = node.inputs.slice(1).map((_, i) => input(i + 1));
	return ({ call }) => call(name, args);
}

function conditional(
	context: LowerContext,
	condition: OnnxValue,
	yes: Make,
	no: Make,
): readonly OnnxValue[] {
	const held = context.outputs.map(({ dtype }) => heldType(dtype));
	const graph = (make: Make) =>
		context.nested([], (inner) => inOutputTypes(inner, make(inner)));
	return context.emitMany("If", [condition], held, {
		then_branch: { graph: graph(yes) },
		else_branch: { graph: graph(no) },
	});
}

/**
 * A loop asks its condition before the first round and at the end of each. What a round gives back as it is, is not carried:
 * the body sees it from around the loop.
 */
function loop(context: LowerContext): readonly OnnxValue[] {
	const layer = recurrentLayer(context);
	if (layer !== undefined) return layer;
	const { node, input, outputs, bodyOf } = context;
	const [cond, body] = [functionAttr(node, "cond"), functionAttr(node, "body")];
	const round = bodyOf(body);
	const args = node.inputs.map((_, i) => input(i));
	const isCarried = (_: unknown, i: number) =>
		i >= args.length || round.inputs[i].value !== round.outputs[i].value;
	const carried = args.filter(isCarried);
	const types = carried.map(({ dtype }) => dtype);
	const shapes = round.inputs.filter(isCarried).map(({ shape }) => shape);
	const asked = (inner: LowerContext, state: readonly OnnxValue[]) => {
		const [answer] = inner.call(cond, state);
		const { value } = bodyOf(cond).outputs[0];
		return truth(inner, answer, context.types.typeOf(value));
	};
	const graph = context.nested(
		[
			...ROUND_INPUTS,
			...types.map((dtype, i) => ({ dtype, shape: shapes[i] })),
		],
		(inner, [, , ...given]) => {
			let next = 0;
			const state = args.map((arg, i) =>
				isCarried(arg, i) ? given[next++] : arg,
			);
			const made = inOutputTypes(inner, inner.call(body, state));
			const goesOn = asked(inner, made.slice(0, args.length));
			return [goesOn, ...made.filter(isCarried)];
		},
	);
	const results = context.emitMany(
		"Loop",
		[undefined, asked(context, args), ...carried],
		[...types, ...stackedTypes(context)],
		{ body: { graph } },
	);
	let next = 0;
	return outputs.map((_, i) =>
		isCarried(undefined, i) ? results[next++] : args[i],
	);
}

/** What a loop returns stacked over its rounds, behind what it carries (passes/bodies/scan.ts): ONNX's scan outputs. */
function stackedTypes({ node, outputs }: LowerContext): readonly DType[] {
	return outputs.slice(node.inputs.length).map(({ dtype }) => heldType(dtype));
}

function inOutputTypes(
	{ outputs, cast }: LowerContext,
	values: readonly OnnxValue[],
): readonly OnnxValue[] {
	return values.map((value, i) => cast(value, heldType(outputs[i].dtype)));
}

function heldType(dtype: DType): DType {
	return storageType(dtype) ?? dtype;
}

/** A scalar is true if it is not zero or not "", any other tensor if it has elements (functional_ops.cc, ToBool). */
function truth(
	context: LowerContext,
	value: OnnxValue,
	{ shape }: ValueType,
): OnnxValue {
	const { emit } = context;
	if (shape?.length === 0) return elementTruth(context, value);
	const hasElements = isPositive(context, sizeOf(context, value));
	if (shape !== undefined) return hasElements;
	const rank = sizeOf(context, emit("Shape", [value], {}, { dtype: "int64" }));
	const each = context.cast(elementTruth(context, value), "int32");
	const sum = emit("ReduceSum", [each], { keepdims: 0 });
	const isTrue = emit("Or", [
		isPositive(context, rank),
		isPositive(context, context.cast(sum, "int64")),
	]);
	return emit("And", [hasElements, isTrue]);
}

function elementTruth(
	{ emit, cast, initializer }: LowerContext,
	value: OnnxValue,
): OnnxValue {
	if (value.dtype !== "string") return cast(value, "bool");
	const nothing = initializer({
		dtype: "string",
		shape: [],
		data: [new Uint8Array(0)],
	});
	return emit("Not", [emit("Equal", [value, nothing], {}, { dtype: "bool" })]);
}

function sizeOf({ emit }: LowerContext, value: OnnxValue): OnnxValue {
	return emit("Size", [value], {}, { dtype: "int64" });
}

function isPositive(
	{ emit, scalar }: LowerContext,
	size: OnnxValue,
): OnnxValue {
	return emit("Greater", [size, scalar("int64", 0)], {}, { dtype: "bool" });
}
