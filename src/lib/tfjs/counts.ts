import { create } from "@bufbuild/protobuf";
import {
	AttrValueSchema,
	type NodeDef,
	NodeDefSchema,
} from "../../gen/graph_pb.js";
import { opDef } from "../ops/opdef.js";

/**
 * A node whose attribute for the number of its tensors may be left out, as TensorFlow.js counts them: with that number. Only
 * where one argument takes many is it known.
 */
export function counted(node: NodeDef): NodeDef {
	const definition = opDef(node.op);
	const [many, ...others] =
		definition?.inputs.filter(({ numberAttr }) => numberAttr !== undefined) ??
		[];
	const name = many?.numberAttr;
	if (
		definition === undefined ||
		name === undefined ||
		others.length > 0 ||
		node.attr[name] !== undefined
	)
		return node;
	const tensors = node.input.filter((input) => !input.startsWith("^")).length;
	const count = tensors - (definition.inputs.length - 1);
	const value = create(AttrValueSchema, {
		value: { case: "i", value: BigInt(count) },
	});
	return create(NodeDefSchema, {
		...node,
		attr: { ...node.attr, [name]: value },
	});
}
