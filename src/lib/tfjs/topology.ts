import { isList, isObject, type Json, type JsonObject } from "../keras/json.js";

/**
 * A GraphDef in JSON as protobuf has it, whatever wrote it: bytes may be lists of numbers, and 64-bit integers numbers
 * (tfjs-converter operation_mapper.ts reads both).
 */
export function graphJson(topology: Json | undefined): Json {
	if (!isObject(topology)) return {};
	const { library } = topology;
	return {
		node: nodesOf(topology.node),
		...(isObject(topology.versions) ? { versions: topology.versions } : {}),
		...(isObject(library) && isList(library.function)
			? {
					library: {
						function: library.function.map((body) =>
							isObject(body)
								? { ...body, nodeDef: nodesOf(body.nodeDef) }
								: body,
						),
					},
				}
			: {}),
	};
}

function nodesOf(nodes: Json | undefined): Json {
	if (!isList(nodes)) return [];
	return nodes.map((node) =>
		isObject(node) && isObject(node.attr)
			? { ...node, attr: attrsOf(node.attr) }
			: node,
	);
}

function attrsOf(attrs: JsonObject): JsonObject {
	return Object.fromEntries(
		Object.entries(attrs).map(([name, attr]) => [
			name,
			isObject(attr) ? attrOf(attr) : attr,
		]),
	);
}

function attrOf(attr: JsonObject): JsonObject {
	if (isList(attr.s)) return { ...attr, s: base64(attr.s) };
	const { list } = attr;
	if (!isObject(list) || !isList(list.s)) return attr;
	const texts = list.s.map((text) => (isList(text) ? base64(text) : text));
	return { ...attr, list: { ...list, s: texts } };
}

function base64(bytes: readonly Json[]): string {
	return Buffer.from(bytes.map(Number)).toString("base64");
}
