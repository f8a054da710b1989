import { readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import {
	SignatureDefSchema,
	TensorInfoSchema,
} from "../../../../src/gen/saved_model_pb.js";
import { DataType } from "../../../../src/gen/tensor_pb.js";
import {
	findMetaGraph,
	readSavedModel,
} from "../../../../src/lib/savedmodel/read.js";
import { metadataText } from "../../../../src/lib/serving/rest/metadata.js";
import { upstreamModel } from "../fake.js";

describe("metadataText()", () => {
	// golden files of TensorFlow Serving's own tests
	test.each([
		[
			"default",
			"saved_model_half_plus_two_cpu/00000123",
			"half_plus_two_model_metadata.json",
		],
		[
			"saved_model_half_plus_two_2_versions",
			"saved_model_half_plus_two_2_versions/00000123",
			"saved_model_half_plus_two_2_versions_metadata.json",
		],
	])("equals TensorFlow Serving's answer for %s", (name, dir, golden) => {
		const { signatureDef } = findMetaGraph(readSavedModel(upstreamModel(dir)));
		const expected = readFileSync(upstreamModel(golden), "utf8");
		expect(JSON.parse(metadataText(name, 123n, signatureDef))).toEqual(
			JSON.parse(expected),
		);
	});

	test("tells of the initializer's signature too", () => {
		const dir = "saved_model_half_plus_two_tf2_cpu/00000123";
		const { signatureDef } = findMetaGraph(readSavedModel(upstreamModel(dir)));
		const golden = JSON.parse(
			readFileSync(
				upstreamModel("saved_model_half_plus_two_tf2_2_versions_metadata.json"),
				"utf8",
			),
		);
		const { metadata } = JSON.parse(metadataText("m", 123n, signatureDef));
		// the golden file was written before there were defaults
		expect(metadata.signature_def.signature_def.__saved_model_init_op).toEqual({
			...golden.metadata.signature_def.signature_def.__saved_model_init_op,
			defaults: {},
		});
	});

	test("lays its text out as TensorFlow Serving does", () => {
		// http_rest_api_util.cc, ToJsonString: two messages of protobuf's JSON, braces by hand
		const text = metadataText("m", 1n, {
			s: create(SignatureDefSchema, { methodName: "x" }),
		});
		expect(text).toBe(`{
"model_spec":{
 "name": "m",
 "signature_name": "",
 "version": "1"
}
,
"metadata": {"signature_def": {
 "signature_def": {
  "s": {
   "inputs": {},
   "outputs": {},
   "method_name": "x",
   "defaults": {}
  }
 }
}
}
}
`);
	});

	test("names reference types, sparse and composite tensors, and defaults", () => {
		const definition = create(SignatureDefSchema, {
			inputs: {
				r: {
					dtype: DataType.DT_FLOAT_REF,
					encoding: { case: "name", value: "r:0" },
				},
				s: {
					dtype: DataType.DT_INT64,
					encoding: {
						case: "cooSparse",
						value: {
							valuesTensorName: "v:0",
							indicesTensorName: "i:0",
							denseShapeTensorName: "d:0",
						},
					},
				},
				c: {
					encoding: {
						case: "compositeTensor",
						value: {
							components: [
								create(TensorInfoSchema, { dtype: DataType.DT_HALF }),
							],
						},
					},
				},
			},
			defaults: { r: { dtype: DataType.DT_FLOAT, floatVal: [2] } },
		});
		const { s } = JSON.parse(metadataText("m", 1n, { s: definition })).metadata
			.signature_def.signature_def;
		expect(s.inputs).toEqual({
			r: { dtype: "DT_FLOAT_REF", name: "r:0" },
			s: {
				dtype: "DT_INT64",
				coo_sparse: {
					values_tensor_name: "v:0",
					indices_tensor_name: "i:0",
					dense_shape_tensor_name: "d:0",
				},
			},
			c: {
				dtype: "DT_INVALID",
				composite_tensor: { components: [{ dtype: "DT_HALF" }] },
			},
		});
		expect(s.defaults.r).toMatchObject({ dtype: "DT_FLOAT", float_val: [2] });
	});
});
