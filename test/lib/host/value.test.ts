import { expect, test } from "vitest";
import { asHostValue, elementsOf } from "../../../src/lib/host/value.js";
import { gatherAxis } from "../../../src/lib/tensor/axis.js";

test("opaque elements are taken as those of tensors are", () => {
	const items = [{ name: "a" }, { name: "b" }];
	const taken = gatherAxis(
		elementsOf({ dtype: "variant", shape: [2], items }),
		0,
		[1, 0, 1],
	);
	expect(asHostValue(taken)).toEqual({
		dtype: "variant",
		shape: [3],
		items: [items[1], items[0], items[1]],
	});
});
