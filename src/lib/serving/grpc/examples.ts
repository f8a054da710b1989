import { toBinary } from "@bufbuild/protobuf";
import { ModelSpecSchema } from "../../../gen/prediction_pb.js";
import { fieldSize, WireWriter } from "../../formats/wire-writer.js";
import { signatureKey } from "../calls.js";
import { classify } from "../examples/classify.js";
import {
	type InferenceResult,
	multiInference,
} from "../examples/multi-inference.js";
import { regress } from "../examples/regress.js";
import {
	readExampleRequest,
	readMultiInferenceRequest,
} from "./example-request.js";
import { measureClasses, measureValues } from "./example-results.js";
import type { AnswerBytes } from "./service.js";
import { answeredSpec, namedSpec, routedSpec } from "./spec.js";
import type { Measured } from "./tensor-writer.js";

/** PredictionService.Classify. */
export const answerClassify: AnswerBytes = async (service, bytes, call) => {
	const request = readExampleRequest(bytes, service.maxBody);
	const spec = routedSpec(request.spec, service.host, call);
	const { version, results } = await classify(
		service.host,
		spec,
		request.examples,
		call,
	);
	return encode([
		nested(RESULT, measureClasses(results)),
		specField(RESPONSE_SPEC, spec.model, version, signatureKey(spec)),
	]);
};

/** PredictionService.Regress. */
export const answerRegress: AnswerBytes = async (service, bytes, call) => {
	const request = readExampleRequest(bytes, service.maxBody);
	const spec = routedSpec(request.spec, service.host, call);
	const { version, results } = await regress(
		service.host,
		spec,
		request.examples,
		call,
	);
	return encode([
		nested(RESULT, measureValues(results)),
		specField(RESPONSE_SPEC, spec.model, version, signatureKey(spec)),
	]);
};

/** PredictionService.MultiInference. */
export const answerMultiInference: AnswerBytes = async (
	service,
	bytes,
	call,
) => {
	const request = readMultiInferenceRequest(bytes, service.maxBody);
	const tasks = request.tasks.map(({ modelSpec, methodName }) => {
		const spec = namedSpec(modelSpec);
		if (call.trace !== undefined) call.trace.model = spec.model;
		const key = service.host.routingKey(spec.model, call.header);
		return { spec: { ...spec, key }, methodName };
	});
	const { version, results } = await multiInference(
		service.host,
		tasks,
		request.examples,
		call,
	);
	const { model } = tasks[0].spec;
	return encode(
		results.map((result) =>
			nested(
				RESULTS,
				joined([
					specField(TASK_SPEC, model, version, result.signature),
					inferenceField(result),
				]),
			),
		),
	);
};

const RESULT = 1;
const RESPONSE_SPEC = 2;
const RESULTS = 1;
const TASK_SPEC = 1;
const CLASSIFICATION_RESULT = 2;
const REGRESSION_RESULT = 3;

function inferenceField(result: InferenceResult): Measured {
	return result.kind === "classification"
		? nested(CLASSIFICATION_RESULT, measureClasses(result.results))
		: nested(REGRESSION_RESULT, measureValues(result.results));
}

function specField(
	field: number,
	model: string,
	version: bigint,
	signature: string,
): Measured {
	const bytes = toBinary(
		ModelSpecSchema,
		answeredSpec(model, version, signature),
	);
	return nested(field, {
		size: bytes.length,
		write: (writer) => writer.bytes(bytes),
	});
}

function nested(field: number, message: Measured): Measured {
	return {
		size: fieldSize(message.size),
		write: (writer) => {
			writer.head(field, message.size);
			message.write(writer);
		},
	};
}

function joined(parts: readonly Measured[]): Measured {
	return {
		size: parts.reduce((sum, { size }) => sum + size, 0),
		write: (writer) => {
			for (const part of parts) part.write(writer);
		},
	};
}

function encode(parts: readonly Measured[]): Buffer {
	const message = joined(parts);
	const writer = new WireWriter(message.size);
	message.write(writer);
	return writer.data;
}
