import type { NodeDef } from "../../gen/graph_pb.js";
import { fail } from "../errors.js";
import { resourceOf, TABLE_OPS } from "../savedmodel/restore.js";
import type { Constant } from "../tensor/constant.js";
import { tensorFromNumbers } from "../tensor/numbers.js";
import type { ProgramBuilder, Sink } from "./inline.js";
import type { Attrs, ValueName } from "./ir.js";

/** One node that may stand for, or read, a variable. */
export interface ResourceNode {
	readonly builder: ProgramBuilder;
	readonly sink: Sink;
	/** Its name in the Program. */
	readonly name: string;
	readonly node: NodeDef;
	readonly inputs: readonly ValueName[];
	readonly attrs: Attrs;
	readonly isMainGraph: boolean;
}

/** Returns the outputs of the node, or `undefined` to keep it as an ordinary node. */
type ResourceRow = (node: ResourceNode) => readonly ValueName[] | undefined;

/** How variables become constants, and what else is settled while a graph is inlined; one row an op. */
export const RESOURCE_ROWS: Readonly<Record<string, ResourceRow>> = {
	VarHandleOp: handle,
	Variable: value,
	VariableV2: value,
	ReadVariableOp: (resource) => read(resource, (constant) => [constant]),
	ResourceGather: (resource) =>
		read(resource, (constant) => gather(resource, constant)),
	ResourceGatherNd: (resource) =>
		read(resource, (constant) => [
			...added(resource, "GatherNd", [constant, resource.inputs[1]]),
		]),
	VarIsInitializedOp: (resource) =>
		resource.builder.handles.has(resource.inputs[0])
			? [yes(resource)]
			: undefined,
	IsVariableInitialized: (resource) => [yes(resource)],
	Identity: forward,
	DisableCopyOnRead: () => [],
	...Object.fromEntries([...TABLE_OPS].map((op) => [op, table])),
	Placeholder: unfed,
	PlaceholderWithDefault: ({ inputs }) => [inputs[0]],
};

/** A handle is no node: what reads through it is bound to the variable's value. */
function handle({ builder, node, name }: ResourceNode): readonly ValueName[] {
	const variable = builder.variables.get(node.name);
	const output = `${name}:0`;
	if (variable !== undefined) builder.handles.set(output, variable);
	return [output];
}

/**
 * A table's handle stays a node, and its value is passed on like any other. It is the same table in all parts of a program,
 * whatever the node is called there; inside a function it is the function's own.
 */
function table({
	builder,
	sink,
	node,
	name,
	inputs,
	attrs,
	isMainGraph,
}: ResourceNode): readonly ValueName[] | undefined {
	if (!isMainGraph) return undefined;
	const shared = { ...attrs, shared_name: resourceOf(node) };
	return builder.add(sink, name, node.op, inputs, shared, 1);
}

/** A variable of TensorFlow 1 gives its value itself. */
function value({
	builder,
	sink,
	node,
	name,
}: ResourceNode): readonly ValueName[] {
	return [
		builder.constant(sink, name, found(builder.variables.get(node.name), name)),
	];
}

function read(
	resource: ResourceNode,
	use: (constant: ValueName) => ValueName[],
): readonly ValueName[] {
	const { builder, sink, inputs, name } = resource;
	return use(
		builder.constant(
			sink,
			name,
			found(builder.handles.get(inputs[0]), inputs[0]),
		),
	);
}

function gather(resource: ResourceNode, constant: ValueName): ValueName[] {
	const { builder, sink, name, inputs, attrs } = resource;
	const batchDims = attrs.batch_dims ?? 0;
	const axisValue = tensorFromNumbers("int32", [], [Number(batchDims)]);
	const axis = builder.constant(sink, `${name}/axis`, {
		dtype: "int32",
		shape: [],
		byteLength: 4,
		read: () => axisValue,
	});
	return [
		...added(resource, "GatherV2", [constant, inputs[1], axis], {
			batch_dims: batchDims,
			Tparams: attrs.dtype,
			Tindices: attrs.Tindices,
			Taxis: "int32",
		}),
	];
}

function added(
	{ builder, sink, name }: ResourceNode,
	op: string,
	inputs: readonly ValueName[],
	attrs: Attrs = {},
): readonly ValueName[] {
	return builder.add(sink, name, op, inputs, attrs, 1);
}

function yes({ builder, sink, name }: ResourceNode): ValueName {
	const tensor = tensorFromNumbers("bool", [], [1]);
	return builder.constant(sink, name, {
		dtype: "bool",
		shape: [],
		byteLength: 1,
		read: () => tensor,
	});
}

/** A handle passed on is the same handle. */
function forward({
	builder,
	inputs,
}: ResourceNode): readonly ValueName[] | undefined {
	return builder.handles.has(inputs[0]) ? [inputs[0]] : undefined;
}

function unfed({ name, isMainGraph }: ResourceNode): undefined {
	if (!isMainGraph) return undefined;
	throw fail(
		"INVALID",
		`cannot build a program: its outputs need the placeholder "${name}", which is not an input of the signature`,
		{ at: { node: name, op: "Placeholder" } },
	);
}

function found(variable: Constant | undefined, name: string): Constant {
	if (variable !== undefined) return variable;
	throw fail(
		"CORRUPT",
		`cannot bind variable "${name}": the checkpoint has no value for it`,
		{
			hint: "export the model again with all its variables tracked",
			at: { node: name },
		},
	);
}
