import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { NodeDefSchema } from "../../../src/gen/graph_pb.js";
import { readAttrs } from "../../../src/lib/graph/attr-values.js";
import { bytesAttr, stringAttr } from "../../../src/lib/graph/attrs.js";

function nodeWith(value: Uint8Array) {
	const node = create(NodeDefSchema, {
		name: "n",
		op: "Op",
		attr: { s: { value: { case: "s", value } } },
	});
	return {
		...node,
		inputs: [],
		outputs: [],
		attrs: readAttrs(node, undefined, {}),
	};
}

test.each([
	["nothing", ""],
	["text", "68c3a9"],
	["a byte order mark", "efbbbf41"],
	["a pair of surrogates", "f09f9880"],
	["the replacement character", "efbfbd"],
	["bytes that are no text", "0aff80c3"],
	["half a character after a whole one", "f09f9880c3"],
])("a string attribute keeps %s", (_, hex) => {
	const bytes = bytesAttr(nodeWith(Buffer.from(hex, "hex")), "s");
	expect(Buffer.from(bytes).toString("hex")).toBe(hex);
});

test("a string attribute is text", () => {
	const bytes = Buffer.from("h\u00e9 \u{1f600}");
	expect(stringAttr(nodeWith(bytes), "s")).toBe("h\u00e9 \u{1f600}");
});
