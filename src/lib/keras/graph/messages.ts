import { create } from "@bufbuild/protobuf";
import {
	type AttrValue,
	AttrValueSchema,
	type FunctionDef,
	FunctionDefSchema,
	NameAttrListSchema,
	type NodeDef,
	NodeDefSchema,
} from "../../../gen/graph_pb.js";
import {
	type TensorShapeProto,
	TensorShapeProtoSchema,
} from "../../../gen/tensor_pb.js";
import { attrBytes } from "../../graph/attrs.js";
import type { Attr, FunctionRef, Node, ShapeAttr } from "../../graph/ir.js";
import { type OpDef, opDef, outputCount } from "../../ops/opdef.js";
import type { Constant } from "../../tensor/constant.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { tensorToProto } from "../../tensor/proto.js";
import type { Shape } from "../../tensor/tensor.js";
import type { BodyFunction } from "./builder.js";

/** A node of a GraphDef, attributes with default values left out; the value of a `Const` is left to the writer. */
export function nodeMessage(node: Node): NodeDef {
	return message(node, (value) => value.replace(/:0$/, ""), false);
}

/** A function of a library (function.proto): outputs of nodes are `node:output_arg:index` there. */
export function functionMessage(body: BodyFunction): FunctionDef {
	const references = new Map(body.inputs.map(({ value }) => [value, value]));
	for (const node of body.nodes)
		for (const [i, reference] of outputReferences(node).entries())
			references.set(node.outputs[i], reference);
	const refer = (value: string) => references.get(value) ?? value;
	return create(FunctionDefSchema, {
		signature: {
			name: body.name,
			inputArg: body.inputs.map(({ value, dtype }) => ({
				name: value,
				type: DTYPES[dtype].tf,
			})),
			outputArg: body.outputs.map(({ name, dtype }) => ({
				name,
				type: DTYPES[dtype].tf,
			})),
		},
		nodeDef: body.nodes.map((node) => message(node, refer, true)),
		ret: Object.fromEntries(
			body.outputs.map(({ name, value }) => [name, refer(value)]),
		),
	});
}

function message(
	{ name, op, inputs, attrs }: Node,
	refer: (value: string) => string,
	withTensors: boolean,
): NodeDef {
	const definition = opDef(op);
	const attr: Record<string, AttrValue> = {};
	for (const [key, value] of Object.entries(attrs)) {
		const known = definition?.attrs.get(key);
		if (known === undefined || (known.type === "tensor" && !withTensors))
			continue;
		if (JSON.stringify(known.default) === JSON.stringify(value)) continue;
		attr[key] = attrMessage(known.type, value);
	}
	return create(NodeDefSchema, { name, op, input: inputs.map(refer), attr });
}

/** By TensorFlow's own kinds of attributes (attr_value.proto). */
const ENCODERS: Readonly<Record<string, (value: Attr) => AttrValue["value"]>> =
	{
		string: (value) => ({ case: "s", value: attrBytes(value as string) }),
		int: (value) => ({ case: "i", value: BigInt(value as number) }),
		float: (value) => ({ case: "f", value: value as number }),
		bool: (value) => ({ case: "b", value: value as boolean }),
		type: (value) => ({ case: "type", value: DTYPES[value as DType].tf }),
		shape: (value) => ({
			case: "shape",
			value: shapeMessage((value as ShapeAttr).dims),
		}),
		tensor: (value) => ({
			case: "tensor",
			value: tensorToProto((value as Constant).read()),
		}),
		func: (value) => ({
			case: "func",
			value: create(NameAttrListSchema, {
				name: (value as FunctionRef).function,
			}),
		}),
	};

/** In which field of a list each kind lies. */
const LISTS: Readonly<Record<string, string>> = {
	string: "s",
	int: "i",
	float: "f",
	bool: "b",
	type: "type",
	shape: "shape",
	func: "func",
};

function attrMessage(kind: string, value: Attr): AttrValue {
	const list = /^list\((\w+)\)$/.exec(kind)?.[1];
	if (list === undefined)
		return create(AttrValueSchema, { value: ENCODERS[kind](value) });
	const items = (value as readonly Attr[]).map(
		(item) => ENCODERS[list](item).value,
	);
	return create(AttrValueSchema, {
		value: { case: "list", value: { [LISTS[list]]: items } },
	});
}

/** -1 is an unknown dimension. */
export function shapeMessage(shape: Shape): TensorShapeProto {
	return create(
		TensorShapeProtoSchema,
		shape === undefined
			? { unknownRank: true }
			: { dim: shape.map((size) => ({ size: BigInt(size) })) },
	);
}

function outputReferences(node: Node): string[] {
	const definition = opDef(node.op) as OpDef;
	return definition.outputs.flatMap((arg) => {
		const alone = { ...definition, outputs: [arg] };
		return Array.from(
			{ length: outputCount(alone, node.attrs) },
			(_, i) => `${node.name}:${arg.name}:${i}`,
		);
	});
}
