import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import {
	GetModelMetadataRequestSchema,
	GetModelMetadataResponseSchema,
	SignatureDefMapSchema,
} from "../../../gen/prediction_pb.js";
import { fail } from "../../errors.js";
import { metadata } from "../calls.js";
import { readRequest } from "./codec.js";
import type { AnswerBytes } from "./service.js";
import { answeredSpec, namedSpec, specOf } from "./spec.js";

/** The only field that there is. */
const SIGNATURES = "signature_def";

/** PredictionService.GetModelMetadata (get_model_metadata_impl.cc). */
export const answerMetadata: AnswerBytes = ({ host }, bytes, { trace }) => {
	const { modelSpec, metadataField } = readRequest(
		GetModelMetadataRequestSchema,
		bytes,
	);
	namedSpec(modelSpec);
	if (metadataField.length === 0)
		throw fail(
			"INVALID",
			"GetModelMetadataRequest must specify at least one metadata_field",
		);
	const unknown = metadataField.find((field) => field !== SIGNATURES);
	if (unknown !== undefined)
		throw fail("INVALID", `Metadata field ${unknown} is not supported`);
	const spec = specOf(modelSpec);
	if (trace !== undefined) trace.model = spec.model;
	const { version, definitions } = metadata(host, spec);
	const signatures = create(SignatureDefMapSchema, {
		signatureDef: definitions,
	});
	return toBinary(
		GetModelMetadataResponseSchema,
		create(GetModelMetadataResponseSchema, {
			modelSpec: answeredSpec(spec.model, version),
			metadata: { [SIGNATURES]: anyPack(SignatureDefMapSchema, signatures) },
		}),
	);
};
