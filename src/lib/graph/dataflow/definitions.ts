import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
	type AttrValueSchema,
	type FunctionDef,
	FunctionDefSchema,
	type NodeDef,
	NodeDefSchema,
} from "../../../gen/graph_pb.js";
import { DataType } from "../../../gen/tensor_pb.js";
import type { EdgeType } from "./edges.js";

/** A value that a function takes or returns. */
export interface Argument extends EdgeType {
	readonly name: string;
}

export interface Returned extends Argument {
	/** The reference, in the function, that gives it. */
	readonly text: string;
}

type Attributes = Readonly<
	Record<string, MessageInitShape<typeof AttrValueSchema>>
>;

export function nodeDef(
	name: string,
	op: string,
	input: readonly string[],
	attr: Attributes = {},
): NodeDef {
	return create(NodeDefSchema, { name, op, input: [...input], attr });
}

/** The same node with other inputs. */
export function withInputs(node: NodeDef, input: readonly string[]): NodeDef {
	return create(NodeDefSchema, {
		name: node.name,
		op: node.op,
		input: [...input],
		attr: node.attr,
	});
}

export function typeAttr(type: number): Attributes[string] {
	return { value: { case: "type", value: type } };
}

export function functionAttr(name: string): Attributes[string] {
	return { value: { case: "func", value: { name } } };
}

export function typesAttr(types: readonly EdgeType[]): Attributes[string] {
	return {
		value: { case: "list", value: { type: types.map(({ type }) => type) } },
	};
}

/** What is known of shapes, as the attribute `output_shapes`; nothing unless all are noted. */
export function shapesAttr(types: readonly EdgeType[]): Attributes[string] {
	const noted = types.flatMap(({ shape }) => shape ?? []);
	return {
		value: {
			case: "list",
			value: { shape: noted.length === types.length ? noted : [] },
		},
	};
}

/** An int32 scalar. */
export function constantDef(name: string, value: number): NodeDef {
	const tensor = { dtype: DataType.DT_INT32, tensorShape: {}, intVal: [value] };
	return nodeDef(name, "Const", [], {
		dtype: typeAttr(DataType.DT_INT32),
		value: { value: { case: "tensor", value: tensor } },
	});
}

/** A function of the library. `awaited` are nodes whose effects happen though nothing returns what they make. */
export function functionDef(
	name: string,
	args: readonly Argument[],
	nodes: readonly NodeDef[],
	returned: readonly Returned[],
	awaited: readonly string[],
): FunctionDef {
	return create(FunctionDefSchema, {
		signature: {
			name,
			inputArg: args.map(({ name, type, isRef = false }) => ({
				name,
				type,
				isRef,
			})),
			outputArg: returned.map((output) => ({
				name: output.name,
				type: output.type,
			})),
		},
		nodeDef: [...nodes],
		ret: Object.fromEntries(
			returned.map((output) => [output.name, output.text]),
		),
		controlRet: Object.fromEntries(awaited.map((node) => [node, node])),
		argAttr: Object.fromEntries(
			args.flatMap(({ shape }, i) =>
				shape === undefined
					? []
					: [[i, { attr: { _output_shapes: shapesAttr([args[i]]) } }]],
			),
		),
	});
}
