import type { NodeDef } from "../../gen/graph_pb.js";
import { fail } from "../errors.js";
import { resourceOf, TABLE_OPS } from "../savedmodel/restore.js";
import { heldConstant } from "../tensor/constant.js";
import { tensorFromNumbers } from "../tensor/numbers.js";
import { ASSIGNMENTS } from "./assignments.js";
import { dtypeAttr } from "./attrs.js";
import { GENERATORS, type GeneratorRow } from "./generators.js";
import type { ProgramBuilder, Sink } from "./inline.js";
import type { Attrs, ShapeAttr, ValueName } from "./ir.js";
import { QUEUE_OPS } from "./shared.js";
import type { VariableHandle } from "./state.js";

/** One node that may stand for, read or set a variable. */
export interface ResourceNode {
	readonly builder: ProgramBuilder;
	readonly sink: Sink;
	/** Its name in the Program. */
	readonly name: string;
	readonly node: NodeDef;
	/** References of TensorFlow 1 are not read yet. */
	readonly inputs: readonly ValueName[];
	readonly attrs: Attrs;
	readonly isMainGraph: boolean;
}

/** Returns the outputs of the node, or `undefined` to keep it as an ordinary node. */
export type ResourceRow = (
	node: ResourceNode,
) => readonly ValueName[] | undefined;

/** How variables become values, and what else is settled while a graph is inlined; one row an op. */
export const RESOURCE_ROWS: Readonly<Record<string, ResourceRow | undefined>> =
	{
		VarHandleOp: (resource) => handle(resource, false),
		Variable: (resource) => handle(resource, true),
		VariableV2: (resource) => handle(resource, true),
		ReadVariableOp: (resource) => [read(resource)],
		ResourceGather: gather,
		ResourceGatherNd: (resource) =>
			added(resource, "GatherNd", [read(resource), resource.inputs[1]], {
				Tparams: resource.attrs.dtype,
				Tindices: resource.attrs.Tindices,
			}),
		VariableShape: (resource) =>
			added(resource, "Shape", [read(resource)], {
				T: handleOf(resource).dtype,
				out_type: resource.attrs.out_type,
			}),
		VarIsInitializedOp: (resource) =>
			resource.builder.handles.has(resource.inputs[0])
				? [yes(resource)]
				: undefined,
		IsVariableInitialized: (resource) => [yes(resource)],
		Identity: forward,
		RefIdentity: forward,
		DisableCopyOnRead: () => [],
		DestroyResourceOp: () => [],
		...Object.fromEntries([...TABLE_OPS].map((op) => [op, table])),
		...Object.fromEntries([...QUEUE_OPS].map((op) => [op, shared])),
		Placeholder: unfed,
		PlaceholderWithDefault: ({ builder, sink, inputs }) => [
			builder.dereference(sink, inputs[0]),
		],
		...Object.fromEntries(
			Object.entries(ASSIGNMENTS).map(([op, { value }]) => [
				op,
				(resource: ResourceNode) => assign(resource, value),
			]),
		),
		...Object.fromEntries(
			Object.entries(GENERATORS).map(([op, row]) => [
				op,
				(resource: ResourceNode) => drawFrom(resource, row),
			]),
		),
	};

/** A handle is no node: what reads or sets through it is bound to the variable. */
function handle(
	{ builder, node, name, attrs }: ResourceNode,
	isReference: boolean,
): readonly ValueName[] {
	const output = `${name}:0`;
	const initial = builder.variables.get(node.name);
	builder.handles.set(output, {
		key: resourceOf(node),
		dtype: initial?.dtype ?? dtypeAttr({ name, op: node.op, attrs }, "dtype"),
		shape: initial?.shape ?? (attrs.shape as ShapeAttr | undefined)?.dims,
		...(initial === undefined ? {} : { initial }),
		isReference,
	});
	return [output];
}

/**
 * A table's handle stays a node, and its value is passed on like any other. It is the same table in all parts of a program,
 * whatever the node is called there; inside a function, a table that cannot change or has no name is the function's own.
 */
function table(resource: ResourceNode): readonly ValueName[] | undefined {
	const isOwn =
		!resource.isMainGraph && !SHARED_IN_FUNCTIONS.has(resource.node.op);
	return isOwn ? undefined : shared(resource);
}

const SHARED_IN_FUNCTIONS: ReadonlySet<string> = new Set(
	[...TABLE_OPS].filter((op) => op.startsWith("Mutable")),
);

/** Functions that name a resource alike share it: TensorFlow's loader fills in a node's own name (function_deserialization.py). */
function shared({
	builder,
	sink,
	node,
	name,
	inputs,
	attrs,
}: ResourceNode): readonly ValueName[] {
	const named = { ...attrs, shared_name: resourceOf(node) };
	return builder.add(sink, name, node.op, inputs, named, 1);
}

function handleOf({ builder, inputs, name }: ResourceNode): VariableHandle {
	const found = builder.handles.get(inputs[0]);
	if (found !== undefined) return found;
	throw fail(
		"UNSUPPORTED",
		`cannot follow the variable of node "${name}": its handle "${inputs[0]}" is computed while the model runs`,
		{ at: { node: name } },
	);
}

function read(resource: ResourceNode): ValueName {
	const { builder, sink, name } = resource;
	return builder.read(sink, handleOf(resource), name);
}

/** Sets a variable; a reference of TensorFlow 1 is returned for those who read it afterwards. */
function assign(
	resource: ResourceNode,
	value: (typeof ASSIGNMENTS)[string]["value"],
): readonly ValueName[] {
	const { builder, sink, name, attrs, inputs } = resource;
	const target = handleOf(resource);
	const values = inputs.map((input) => builder.dereference(sink, input));
	const made = value({
		dtype: target.dtype,
		attrs,
		inputs: values.slice(1),
		current: () => read(resource),
		add: (op, given, opAttrs = {}) =>
			builder.add(sink, name, op, given, opAttrs, 1)[0],
		axis: (axis) => numbers(resource, `axis_${axis}`, axis),
	});
	builder.write(sink, target, made);
	return target.isReference ? [inputs[0]] : [];
}

function drawFrom(
	resource: ResourceNode,
	row: GeneratorRow,
): readonly ValueName[] {
	const { builder, sink, name, attrs, inputs } = resource;
	const target = handleOf(resource);
	return row({
		attrs,
		inputs: inputs.slice(1),
		current: () => read(resource),
		write: (value) => builder.write(sink, target, value),
		add: (op, given, opAttrs = {}) =>
			builder.add(sink, name, op, given, opAttrs, 1)[0],
		ints: (role, ...values) => numbers(resource, role, values),
	});
}

function gather(resource: ResourceNode): readonly ValueName[] {
	const { attrs, inputs } = resource;
	const batchDims = Number(attrs.batch_dims ?? 0);
	const axis = numbers(resource, "axis", batchDims);
	return added(resource, "GatherV2", [read(resource), inputs[1], axis], {
		batch_dims: batchDims,
		Tparams: attrs.dtype,
		Tindices: attrs.Tindices,
		Taxis: "int32",
	});
}

function added(
	{ builder, sink, name }: ResourceNode,
	op: string,
	inputs: readonly ValueName[],
	attrs: Attrs = {},
): readonly ValueName[] {
	return builder.add(sink, name, op, inputs, attrs, 1);
}

function numbers(
	{ builder, sink, name }: ResourceNode,
	role: string,
	value: number | readonly number[],
): ValueName {
	const tensor =
		typeof value === "number"
			? tensorFromNumbers("int32", [], [value])
			: tensorFromNumbers("int32", [value.length], value);
	return builder.constant(sink, `${name}/${role}`, heldConstant(tensor));
}

function yes({ builder, sink, name }: ResourceNode): ValueName {
	const tensor = tensorFromNumbers("bool", [], [1]);
	return builder.constant(sink, name, heldConstant(tensor));
}

/** A handle passed on is the same handle; a reference is read here, since that is what the node is for. */
function forward({
	builder,
	sink,
	inputs,
}: ResourceNode): readonly ValueName[] | undefined {
	const known = builder.handles.get(inputs[0]);
	if (known === undefined) return undefined;
	return [known.isReference ? builder.dereference(sink, inputs[0]) : inputs[0]];
}

function unfed({ name, isMainGraph }: ResourceNode): undefined {
	if (!isMainGraph) return undefined;
	throw fail(
		"INVALID",
		`cannot build a program: its outputs need the placeholder "${name}", which is not an input of the signature`,
		{ at: { node: name, op: "Placeholder" } },
	);
}
