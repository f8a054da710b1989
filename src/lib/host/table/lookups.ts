import { numberTensor } from "../../tensor/numbers.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type HostRow, step } from "../kernel.js";
import { itemOf, tensorOf } from "../value.js";
import { Table } from "./table.js";

const find = onTable((table, keys, fallback) => [table.find(keys, fallback)]);
const insert = onTable((table, keys, values) => {
	table.insert(keys, values);
	return [];
});
const remove = onTable((table, keys) => {
	table.remove(keys);
	return [];
});
const fill = onTable((table, keys, values) => {
	table.import(keys, values);
	return [];
});
const exported = onTable((table) => table.export());
const size = onTable(({ size }) => [numberTensor("int64", size)]);

/** What reads or changes a table, whose handle is input 0. */
export const lookupRows = {
	InitializeTable: fill,
	InitializeTableV2: fill,
	LookupTableFind: find,
	LookupTableFindV2: find,
	LookupTableInsert: insert,
	LookupTableInsertV2: insert,
	LookupTableRemoveV2: remove,
	LookupTableImport: fill,
	LookupTableImportV2: fill,
	LookupTableExport: exported,
	LookupTableExportV2: exported,
	LookupTableSize: size,
	LookupTableSizeV2: size,
} as const;

function onTable(
	use: (table: Table, ...inputs: readonly Tensor[]) => readonly Tensor[],
): HostRow {
	return step((_, [table, ...inputs]) =>
		use(itemOf(table, Table), ...inputs.map(tensorOf)),
	);
}
