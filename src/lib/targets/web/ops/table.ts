import { dtypeAttr } from "../../../graph/attrs.js";
import type { tableOps } from "../../../ops/table.js";
import { type } from "../attrs.js";
import type { WebLowering, WebTable } from "../lowering.js";
import { allInputs } from "./rows.js";

/** TensorFlow.js finds a table by the name of its node, in whichever graph that stands. */
const handle: WebLowering = ({ node, resource }) => {
	const { container = "", shared_name: shared = "" } = node.attrs;
	const key = `${String(container)}/${String(shared) || node.name}`;
	return resource(key, "HashTableV2", {
		key_dtype: type(dtypeAttr(node, "key_dtype")),
		value_dtype: type(dtypeAttr(node, "value_dtype")),
	});
};

const filling: WebLowering = (context) => {
	context.emit("LookupTableImportV2", allInputs(context));
	return [];
};

/** What TensorFlow.js finds is a vector. */
const find: WebLowering = (context) => {
	const { emit, input } = context;
	const found = emit("LookupTableFindV2", allInputs(context));
	return emit("Reshape", [found, emit("Shape", [input(1)])]);
};

const size: WebLowering = (context) =>
	context.emit("LookupTableSizeV2", allInputs(context));

/** Tables that are filled when a model is loaded, and stay as they are. */
export const tableRows: WebTable<typeof tableOps> = {
	HashTable: handle,
	HashTableV2: handle,
	InitializeTable: filling,
	InitializeTableV2: filling,
	LookupTableImport: filling,
	LookupTableImportV2: filling,
	LookupTableFind: find,
	LookupTableFindV2: find,
	LookupTableSize: size,
	LookupTableSizeV2: size,
};
