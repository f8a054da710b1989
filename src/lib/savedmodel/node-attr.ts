import type { AttrValue, NodeDef } from "../../gen/graph_pb.js";
import { mapEntry } from "../formats/protobuf.js";

/** One attribute of a node; of a node that was read from a file the others stay undecoded. */
export function nodeAttr(
	node: NodeDef,
	name: string,
): AttrValue["value"] | undefined {
	return (mapEntry(node, "attr", name) as AttrValue | undefined)?.value;
}
