import {
	create,
	createFileRegistry,
	fromBinary,
	type MessageInitShape,
	toBinary,
} from "@bufbuild/protobuf";
import {
	FileDescriptorProtoSchema,
	FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
	ServerReflectionRequestSchema,
	type ServerReflectionResponse,
	ServerReflectionResponseSchema,
} from "../../../../src/gen/reflection_v1_pb.js";
import {
	type GrpcServer,
	openGrpcServer,
} from "../../../../src/lib/serving/grpc/server.js";
import { fakeHost } from "../fake.js";
import { clientOf } from "./client.js";

type Question = NonNullable<
	MessageInitShape<typeof ServerReflectionRequestSchema>["messageRequest"]
>;

let server: GrpcServer;
let client: ReturnType<typeof clientOf>;

beforeAll(async () => {
	server = await openGrpcServer({
		host: fakeHost(),
		address: "127.0.0.1",
		port: 0,
		maxBody: 1000,
		whyNotReady: () => undefined,
	});
	client = clientOf(`127.0.0.1:${server.port}`);
});

afterAll(async () => {
	client.close();
	await server.close();
});

/** The answers to questions on one stream. */
async function ask(
	version: string,
	...questions: Question[]
): Promise<ServerReflectionResponse["messageResponse"][]> {
	const stream = client.client.makeBidiStreamRequest(
		`/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
		(request: Uint8Array) => Buffer.from(request),
		(bytes: Buffer) => fromBinary(ServerReflectionResponseSchema, bytes),
	);
	for (const messageRequest of questions)
		stream.write(
			toBinary(
				ServerReflectionRequestSchema,
				create(ServerReflectionRequestSchema, { messageRequest }),
			),
		);
	stream.end();
	const answers: ServerReflectionResponse["messageResponse"][] = [];
	for await (const response of stream)
		answers.push((response as ServerReflectionResponse).messageResponse);
	return answers;
}

test.each(["v1", "v1alpha"])("lists the services in %s", async (version) => {
	const [answer] = await ask(version, { case: "listServices", value: "" });
	expect(answer).toMatchObject({
		case: "listServicesResponse",
		value: {
			service: [
				{ name: "grpc.health.v1.Health" },
				{ name: "grpc.reflection.v1.ServerReflection" },
				{ name: "grpc.reflection.v1alpha.ServerReflection" },
				{ name: "tensorflow.serving.ModelService" },
				{ name: "tensorflow.serving.PredictionService" },
			],
		},
	});
});

test("gives the files that define a symbol, from which its service can be put together", async () => {
	const [answer] = await ask("v1", {
		case: "fileContainingSymbol",
		value: "tensorflow.serving.PredictionService.Predict",
	});
	if (answer?.case !== "fileDescriptorResponse")
		throw new Error(`the answer is ${answer?.case}`);
	const file = answer.value.fileDescriptorProto
		.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes))
		.reverse();
	const registry = createFileRegistry(
		create(FileDescriptorSetSchema, { file }),
	);
	const service = registry.getService("tensorflow.serving.PredictionService");
	expect(service?.methods.map(({ name }) => name)).toEqual([
		"Classify",
		"Regress",
		"Predict",
		"MultiInference",
		"GetModelMetadata",
	]);
	expect(service?.method.predict.input.field.inputs.number).toBe(2);
});

test("says what it does not find, and goes on", async () => {
	const answers = await ask(
		"v1",
		{ case: "fileByFilename", value: "nothing.proto" },
		{ case: "fileContainingSymbol", value: "no.such.Symbol" },
		{ case: "allExtensionNumbersOfType", value: "tensorflow.Example" },
		{ case: undefined },
		{ case: "fileByFilename", value: "tensor.proto" },
	);
	expect(
		answers.map(({ case: kind, value }) =>
			kind === "errorResponse" ? value.errorCode : kind,
		),
	).toEqual([5, 5, "allExtensionNumbersResponse", 3, "fileDescriptorResponse"]);
});
