import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { SavedObjectGraphSchema } from "../../../src/gen/saved_model_pb.js";
import { openBundle } from "../../../src/lib/savedmodel/bundle.js";
import {
	capturedObjects,
	variableKeys,
} from "../../../src/lib/savedmodel/objects.js";
import { readSavedModel } from "../../../src/lib/savedmodel/read.js";

const DIR = "fixtures/saved/shared_variable";
const [{ graphDef, objectGraphDef }] = readSavedModel(DIR).metaGraphs;
const bundle = openBundle(`${DIR}/variables`);

describe("variableKeys()", () => {
	test("gives each variable of the object graph its key, by paths of local names", () => {
		if (objectGraphDef === undefined) throw new Error("no objects");
		const keys = variableKeys(objectGraphDef, bundle);
		expect([...keys.values()].sort()).toEqual([
			"nested/inner/.ATTRIBUTES/VARIABLE_VALUE",
			"parts/0/.ATTRIBUTES/VARIABLE_VALUE",
			"parts/1/.ATTRIBUTES/VARIABLE_VALUE",
		]);
		for (const id of keys.keys())
			expect(objectGraphDef.nodes[id].kind.case).toBe("variable");
	});

	test("is empty for a checkpoint without objects, and for references out of the graph", () => {
		const objects = create(SavedObjectGraphSchema, {
			nodes: [{ children: [{ nodeId: 99, localName: "parts" }] }],
		});
		expect(variableKeys(objects, bundle).size).toBe(0);
		const plain = openBundle("fixtures/bundles", "slices");
		expect(variableKeys(objects, plain).size).toBe(0);
	});
});

test("capturedObjects() pairs the last inputs of a call with bound inputs", () => {
	if (graphDef === undefined || objectGraphDef === undefined)
		throw new Error("no graph");
	const handles = graphDef.node
		.filter(({ op }) => op === "VarHandleOp")
		.map(({ name }) => name);
	const captured = capturedObjects(
		graphDef,
		objectGraphDef,
		new Set([...handles, "serving_default_x"]),
	);
	expect([...captured.keys()].sort()).toEqual(handles.sort());
	for (const id of captured.values())
		expect(objectGraphDef.nodes[id].kind.case).toBe("variable");
});
