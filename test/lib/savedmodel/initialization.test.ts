import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { MetaGraphDefSchema } from "../../../src/gen/saved_model_pb.js";
import { initOperation } from "../../../src/lib/savedmodel/initialization.js";

type MetaGraphInit = MessageInitShape<typeof MetaGraphDefSchema>;

const collection = (...value: string[]) => ({
	kind: { case: "nodeList" as const, value: { value } },
});

const signature = (name: string): MetaGraphInit["signatureDef"] => ({
	__saved_model_init_op: {
		outputs: {
			__saved_model_init_op: { encoding: { case: "name", value: name } },
		},
	},
});

// saved_model/constants.py, loader_util.cc
test.each<[string, MetaGraphInit, string | undefined]>([
	[
		"the signature of TensorFlow 2",
		{ signatureDef: signature("init") },
		"init",
	],
	[
		"the signature before the collection",
		{
			signatureDef: signature("init"),
			collectionDef: { saved_model_main_op: collection("main") },
		},
		"init",
	],
	[
		"the main operation before the legacy one",
		{
			collectionDef: {
				legacy_init_op: collection("legacy"),
				saved_model_main_op: collection("main"),
			},
		},
		"main",
	],
	[
		"the legacy operation",
		{ collectionDef: { legacy_init_op: collection("legacy") } },
		"legacy",
	],
	["nothing", { collectionDef: { legacy_init_op: collection() } }, undefined],
])("initOperation() takes %s", (_, metaGraph, wanted) => {
	expect(initOperation(create(MetaGraphDefSchema, metaGraph))).toBe(wanted);
});
