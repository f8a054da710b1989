import { dtypeAttr } from "../../../graph/attrs.js";
import type { ShapeAttr } from "../../../graph/ir.js";
import { readTextTable } from "../../../host/table/text-file.js";
import type { tableOps } from "../../../ops/table.js";
import { unfit } from "../arithmetic.js";
import { int, type } from "../attrs.js";
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

/** Keys and values of a vocabulary are read when the model is lowered. */
const fillingFromFile: WebLowering = (context) => {
	const { node, constant, maker, input, emit, weight } = context;
	const [table, file] = [maker(0), constant(1)];
	if (table === undefined || file === undefined)
		throw unfit("the file that fills the table must be known");
	const { keys, values } = readTextTable(node, file, {
		keyDtype: dtypeAttr(table, "key_dtype"),
		valueDtype: dtypeAttr(table, "value_dtype"),
	});
	emit("LookupTableImportV2", [input(0), weight(keys), weight(values)]);
	return [];
};

/** What TensorFlow.js finds is a vector, of the default's shape each. */
const find: WebLowering = (context) => {
	const { inputs, maker, emit, input, scalar } = context;
	const shape = (maker(0)?.attrs.value_shape as ShapeAttr | undefined)?.dims;
	const found = emit("LookupTableFindV2", allInputs(context));
	const keys = emit("Shape", [input(1)]);
	const rank = inputs[2].shape?.length;
	if (rank !== (shape?.length ?? 0))
		throw unfit("TensorFlow.js has one default for all keys");
	return emit("Reshape", [
		found,
		rank === 0
			? keys
			: emit("ConcatV2", [keys, emit("Shape", [input(2)]), scalar(0)], {
					N: int(2),
				}),
	]);
};

const size: WebLowering = (context) =>
	context.emit("LookupTableSizeV2", allInputs(context));

/** Tables that are filled when a model is loaded, and stay as they are. */
export const tableRows: WebTable<typeof tableOps> = {
	HashTable: handle,
	HashTableV2: handle,
	MutableHashTable: handle,
	MutableHashTableV2: handle,
	MutableHashTableOfTensors: handle,
	MutableHashTableOfTensorsV2: handle,
	MutableDenseHashTable: handle,
	MutableDenseHashTableV2: handle,
	InitializeTableFromTextFile: fillingFromFile,
	InitializeTableFromTextFileV2: fillingFromFile,
	InitializeTable: filling,
	InitializeTableV2: filling,
	LookupTableImport: filling,
	LookupTableImportV2: filling,
	LookupTableFind: find,
	LookupTableFindV2: find,
	LookupTableSize: size,
	LookupTableSizeV2: size,
};
