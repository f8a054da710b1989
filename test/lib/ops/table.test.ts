import { expect, test } from "vitest";
import type { ValueType } from "../../../src/lib/ops/define.js";
import type { Shape } from "../../../src/lib/tensor/tensor.js";
import { inferOne } from "../../one-node.js";

const scalarKeys: ValueType = { dtype: "resource", shape: [] };
const vectorKeys: ValueType = { dtype: "resource", shape: undefined };

// a found value has the shape of the keys and then that of a value (tf.raw_ops.LookupTableFindV2)
test.each<[string, ValueType, Shape, Shape, Shape]>([
	["as many as keys", scalarKeys, [-1, 3], [], [-1, 3]],
	["of any shape if the keys are", scalarKeys, undefined, [], undefined],
	["not known where values may be vectors", scalarKeys, [2], [2], undefined],
	["not known where keys may be vectors", vectorKeys, [2, 3], [], undefined],
])("values of a table are %s", (_, table, keys, fallback, wanted) => {
	const inputs: ValueType[] = [
		table,
		{ dtype: "string", shape: keys },
		{ dtype: "int64", shape: fallback },
	];
	expect(inferOne("LookupTableFindV2", inputs)).toEqual([
		{ dtype: "int64", shape: wanted },
	]);
});
