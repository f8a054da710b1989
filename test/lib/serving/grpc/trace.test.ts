import { create, toBinary } from "@bufbuild/protobuf";
import { Metadata, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { ModelService } from "../../../../src/gen/model_service_pb.js";
import { PredictionService } from "../../../../src/gen/prediction_pb.js";
import { DataType } from "../../../../src/gen/tensor_pb.js";
import {
	type GrpcServerOptions,
	openGrpcServer,
} from "../../../../src/lib/serving/grpc/server.js";
import type { Ending, Trace } from "../../../../src/lib/serving/observer.js";
import { fakeHost, HALF_PLUS_TWO } from "../fake.js";
import { clientOf } from "./client.js";

const DIR = `${HALF_PLUS_TWO}/00000123`;
const { predict, getModelMetadata, multiInference } = PredictionService.method;
const { getModelStatus, handleReloadConfigRequest } = ModelService.method;
const open: { close(): unknown }[] = [];

afterEach(async () => {
	await Promise.all(open.splice(0).map((one) => one.close()));
});

const REQUEST = {
	modelSpec: { name: "m" },
	inputs: {
		x: {
			dtype: DataType.DT_FLOAT,
			tensorShape: { dim: [{ size: 1n }] },
			floatVal: [2],
		},
	},
};

describe("what an observer is told of a request over gRPC", () => {
	test("is what was asked for, and how it ended", async () => {
		const { client, seen } = await serve();
		const length = toBinary(
			predict.input,
			create(predict.input, REQUEST),
		).length;
		const { response } = await client.call(predict, REQUEST);
		expect(seen).toEqual([
			expect.objectContaining({
				protocol: "grpc",
				remote: "127.0.0.1",
				path: "/tensorflow.serving.PredictionService/Predict",
				api: "predict",
				model: "m",
				version: 7n,
				code: "OK",
				status: status.OK,
				bytesIn: length,
				bytesOut: response && toBinary(predict.output, response).length,
				runMs: expect.any(Number),
			}),
		]);
	});

	test("is the version also where it fails, and no more than was found", async () => {
		const { client, seen } = await serve();
		await client.call(predict, { ...REQUEST, inputs: {} });
		await client.call(predict, { modelSpec: { name: "other" } });
		await client.call(getModelStatus, { modelSpec: { name: "m" } });
		await client.call(getModelMetadata, {
			modelSpec: { name: "m" },
			metadataField: ["signature_def"],
		});
		await client.call(multiInference, {
			tasks: [{ modelSpec: { name: "m" }, methodName: "none" }],
		});
		expect(
			seen.map(({ api, model, version, code }) => [api, model, version, code]),
		).toEqual([
			["predict", "m", 7n, "INVALID_ARGUMENT"],
			["predict", "other", undefined, "NOT_FOUND"],
			["status", "m", undefined, "OK"],
			["metadata", "m", undefined, "OK"],
			["multi_inference", "m", expect.anything(), expect.any(String)],
		]);
	});
});

describe("the id of a request over gRPC", () => {
	test("is the caller's, answered back in the trailers, or a new one", async () => {
		const { port, seen } = await serve();
		for (const name of ["m", "other"]) {
			expect(await idFor(port, name, "mine")).toEqual(["mine"]);
			const made = await idFor(port, name);
			expect(made).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
			expect(seen.at(-1)?.id).toBe(made[0]);
		}
	});

	test("is not told where answers are to be upstream's", async () => {
		const { port, seen } = await serve({ compat: "strict" });
		expect(await idFor(port, "m", "mine")).toEqual([]);
		expect(seen[0].id).toBe("mine");
	});
});

test("a reload answers how much the counters grew that it names", async () => {
	const counters = new Map([["/tensorflow/serving/a", 3]]);
	const { client } = await serve({
		reload: async () => {
			counters.set("/tensorflow/serving/a", 5);
		},
		counterValue: async (name) => counters.get(name) ?? 0,
	});
	const { response } = await client.call(handleReloadConfigRequest, {
		config: { config: { case: "modelConfigList", value: { config: [] } } },
		metricNames: ["/tensorflow/serving/a", "none", "none"],
	});
	// model_service_impl.cc, RecordMetricsIncrease: 5 - 3, and 0 for what there is not
	expect(
		response?.metric.map(({ name, valueIncrease }) => [
			name,
			valueIncrease.value,
		]),
	).toEqual([
		["/tensorflow/serving/a", 2n],
		["none", 0n],
	]);
});

async function serve(options: Partial<GrpcServerOptions> = {}) {
	const host = fakeHost();
	await host.addVersion("m", { version: 7n, dir: DIR });
	const seen: (Trace & Ending)[] = [];
	const server = await openGrpcServer({
		...{ host, address: "127.0.0.1", port: 0, maxBody: 2 ** 20 },
		whyNotReady: () => undefined,
		observer: {
			ended: (trace, ending) => void seen.push({ ...trace, ...ending }),
		},
		...options,
	});
	const client = clientOf(`127.0.0.1:${server.port}`);
	open.push(client, server);
	return { client, seen, port: server.port };
}

/** What the trailers have for it. */
function idFor(
	port: number,
	model: string,
	given?: string,
): Promise<unknown[]> {
	const { client, close } = clientOf(`127.0.0.1:${port}`);
	open.push({ close });
	const metadata = new Metadata();
	if (given !== undefined) metadata.set("x-request-id", given);
	const message = create(predict.input, {
		...REQUEST,
		modelSpec: { name: model },
	});
	return new Promise((resolve) => {
		client
			.makeUnaryRequest(
				"/tensorflow.serving.PredictionService/Predict",
				Buffer.from,
				Buffer.from,
				toBinary(predict.input, message),
				metadata,
				() => undefined,
			)
			.on("status", ({ metadata: trailers }) =>
				resolve(trailers.get("x-request-id")),
			);
	});
}
