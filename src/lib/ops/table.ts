import { dtypeAttr } from "../graph/attrs.js";
import { type InferRule, type OpEntry, primitive } from "./define.js";

/** A handle that is no tensor; its own shape, a scalar, says that the keys of the table are scalars. */
const scalarKeys: InferRule = () => [{ dtype: "resource", shape: [] }];

/** A dense table has keys of the shape of its empty key. */
const denseKeys: InferRule = ({ inputs: [emptyKey] }) => [
	{
		dtype: "resource",
		shape: emptyKey.shape?.length === 0 ? [] : undefined,
	},
];

/** The shape of a value comes after that of the keys; only a scalar default tells that values are scalars. */
const find: InferRule = ({ node, inputs: [table, keys, fallback] }) => {
	const isScalar = table.shape?.length === 0 && fallback.shape?.length === 0;
	return [
		{
			dtype: dtypeAttr(node, "Tout"),
			shape: isScalar ? keys.shape : undefined,
		},
	];
};

const size: InferRule = () => [{ dtype: "int64", shape: [] }];

const exported: InferRule = ({ node }) => [
	{ dtype: dtypeAttr(node, "Tkeys"), shape: undefined },
	{ dtype: dtypeAttr(node, "Tvalues"), shape: undefined },
];

const nothing: InferRule = () => [];

/** Tables from keys to values: the host's alone. Those without V2 are TensorFlow 1's, where a handle is a reference. */
export const tableOps = {
	HashTable: primitive(scalarKeys),
	HashTableV2: primitive(scalarKeys),
	AnonymousHashTable: primitive(scalarKeys),
	MutableHashTable: primitive(scalarKeys),
	MutableHashTableV2: primitive(scalarKeys),
	AnonymousMutableHashTable: primitive(scalarKeys),
	MutableHashTableOfTensors: primitive(scalarKeys),
	MutableHashTableOfTensorsV2: primitive(scalarKeys),
	AnonymousMutableHashTableOfTensors: primitive(scalarKeys),
	MutableDenseHashTable: primitive(denseKeys),
	MutableDenseHashTableV2: primitive(denseKeys),
	AnonymousMutableDenseHashTable: primitive(denseKeys),
	InitializeTable: primitive(nothing),
	InitializeTableV2: primitive(nothing),
	InitializeTableFromTextFile: primitive(nothing),
	InitializeTableFromTextFileV2: primitive(nothing),
	LookupTableFind: primitive(find),
	LookupTableFindV2: primitive(find),
	LookupTableInsert: primitive(nothing),
	LookupTableInsertV2: primitive(nothing),
	LookupTableRemoveV2: primitive(nothing),
	LookupTableImport: primitive(nothing),
	LookupTableImportV2: primitive(nothing),
	LookupTableExport: primitive(exported),
	LookupTableExportV2: primitive(exported),
	LookupTableSize: primitive(size),
	LookupTableSizeV2: primitive(size),
} as const satisfies Record<string, OpEntry>;
