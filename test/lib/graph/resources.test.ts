import { expect, test } from "vitest";
import { MetaGraphDefSchema } from "../../../src/gen/saved_model_pb.js";
import { parseTextProto } from "../../../src/lib/formats/textproto.js";
import { buildProgram } from "../../../src/lib/graph/build.js";
import { findSignature } from "../../../src/lib/savedmodel/signature.js";

const FLOAT = "value { type: DT_FLOAT }";
const FLOATS = "value { list { type: DT_FLOAT } }";

/** A program of the nodes, from the placeholder `x` to the node `y`. */
function programOf(nodes: string, functions = "") {
	const metaGraph = parseTextProto(
		MetaGraphDefSchema,
		`graph_def {
			node { name: "x" op: "Placeholder" attr { key: "dtype" ${FLOAT} } }
			${nodes}
			library { ${functions} }
		}
		signature_def {
			key: "test"
			value {
				inputs { key: "x" value { name: "x:0" dtype: DT_FLOAT tensor_shape {} } }
				outputs { key: "y" value { name: "y:0" dtype: DT_FLOAT tensor_shape {} } }
			}
		}`,
		{ source: "test", unknownFields: "reject" },
	);
	return buildProgram({
		model: { dir: "", file: "", metaGraphs: [metaGraph] },
		metaGraph,
		signature: findSignature(metaGraph, "test"),
		variables: new Map(),
	});
}

const call = (name: string, called: string, input: string) =>
	`node {
		name: "${name}" op: "StatefulPartitionedCall" input: "${input}"
		attr { key: "f" value { func { name: "${called}" } } }
		attr { key: "Tin" ${FLOATS} }
		attr { key: "Tout" ${FLOATS} }
	}`;

/** A function that puts x into a queue and takes an element out. */
const queueing = (name: string, shared: string) =>
	`function {
		signature {
			name: "${name}"
			input_arg { name: "x" type: DT_FLOAT }
			output_arg { name: "y" type: DT_FLOAT }
		}
		node_def {
			name: "waiting" op: "FIFOQueueV2"
			attr { key: "component_types" ${FLOATS} }
			attr { key: "shared_name" value { s: "${shared}" } }
		}
		node_def {
			name: "put" op: "QueueEnqueueV2" input: "waiting:handle:0" input: "x"
			attr { key: "Tcomponents" ${FLOATS} }
		}
		node_def {
			name: "take" op: "QueueDequeueV2" input: "waiting:handle:0" input: "^put"
			attr { key: "component_types" ${FLOATS} }
		}
		ret { key: "y" value: "take:components:0" }
	}`;

// tensorflow/python/saved_model/function_deserialization.py, fix_node_def
test.each([
	["without a name are called as their node", "", "waiting"],
	["with a name keep it", "line", "line"],
])(
	"queues of functions %s, and are shared by all that call them so",
	(_, shared, name) => {
		const { nodes, sharesResources } = programOf(
			call("one", "a", "x") + call("y", "b", "one"),
			queueing("a", shared) + queueing("b", shared),
		);
		const queues = nodes.filter(({ op }) => op === "FIFOQueueV2");
		expect(queues.map(({ attrs }) => attrs.shared_name)).toEqual([name, name]);
		expect(sharesResources).toBe(true);
	},
);

const size = (op: string, shared: string) =>
	`node {
		name: "table" op: "${op}"
		attr { key: "shared_name" value { s: "${shared}" } }
		attr { key: "key_dtype" value { type: DT_STRING } }
		attr { key: "value_dtype" ${FLOAT} }
	}
	node { name: "size" op: "LookupTableSizeV2" input: "table" }
	node {
		name: "y" op: "Cast" input: "size"
		attr { key: "SrcT" value { type: DT_INT64 } }
		attr { key: "DstT" ${FLOAT} }
	}`;

test.each([
	["HashTableV2", "", "table"],
	["HashTableV2", "words", "words"],
	["MutableHashTableV2", "words", "words"],
])(
	"a %s that no signature changes is every thread's own, and called by its shared name %j or its node's",
	(op, shared, name) => {
		const { nodes, sharesResources } = programOf(size(op, shared));
		expect(nodes[0]).toMatchObject({ op, attrs: { shared_name: name } });
		expect(sharesResources).toBe(false);
	},
);

test("a table that a signature changes is one for all threads", () => {
	const remove = `node {
		name: "remove" op: "LookupTableRemoveV2" input: "table" input: "key"
		attr { key: "Tin" value { type: DT_STRING } }
	}
	node {
		name: "key" op: "Const"
		attr { key: "dtype" value { type: DT_STRING } }
		attr { key: "value" value { tensor { dtype: DT_STRING tensor_shape { dim { size: 1 } } string_val: "a" } } }
	}`;
	const nodes = size("MutableHashTableV2", "words").replace(
		'input: "size"',
		'input: "size" input: "^remove"',
	);
	expect(programOf(nodes + remove).sharesResources).toBe(true);
});

test("a variable that is computed while the model runs cannot be followed", () => {
	const nodes = `node { name: "handle" op: "Frobnicate" input: "x" }
		node { name: "y" op: "ReadVariableOp" input: "handle" attr { key: "dtype" ${FLOAT} } }`;
	expect(() => programOf(nodes)).toThrow(
		expect.objectContaining({ code: "UNSUPPORTED", at: { node: "y" } }),
	);
});
