/** Field numbers of saved_model.proto, meta_graph.proto, graph.proto, node_def.proto, attr_value.proto, tensor.proto. */
export const SAVED_MODEL = { schemaVersion: 1, metaGraphs: 2 };
export const META_GRAPH = {
	info: 1,
	graph: 2,
	saver: 3,
	collections: 4,
	signatures: 5,
};
export const GRAPH = { node: 1, library: 2, versions: 4 };
export const NODE = { attr: 5 };
/** Of a map. */
export const ENTRY = { key: 1, value: 2 };
export const ATTR_VALUE = { tensor: 8 };
export const TENSOR = { dtype: 1, shape: 2, content: 4 };
