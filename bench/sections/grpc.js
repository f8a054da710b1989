import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { PredictRequestSchema } from "../../dist/gen/prediction_pb.js";
import { DataType } from "../../dist/gen/tensor_pb.js";
import { GrpcCaller } from "../grpc.js";
import { post } from "../post.js";
import { picture } from "../questions.js";
import { predictUrl, processorSeconds, serve } from "../serving.js";
import { writePictureModel } from "../small-models.js";
import { median, row } from "../table.js";

const SHAPE = [224, 224, 3];
const PREDICT = "/tensorflow.serving.PredictionService/Predict";

/** Requests a round, one after the other: enough for hundredths of seconds to tell them apart. */
const REQUESTS = 100;

/** Of what REST takes. */
const MOST = 0.33;

/** What a server spends on a picture by gRPC and by REST, on a model that hardly computes. */
export async function measureGrpc({ rounds }) {
	const folder = mkdtempSync(join(tmpdir(), "mlship-bench-"));
	const version = join(folder, "picture/1");
	writePictureModel(version);
	const server = await serve([join(folder, "picture")], { grpc: true });
	const caller = new GrpcCaller(server.grpcPlace);
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	try {
		const url = predictUrl(server, version);
		const message = predictMessage();
		const floats = jsonBody((value) => value / 255);
		const bytes = jsonBody((value) => value);
		const ways = {
			grpc: () => caller.call(PREDICT, message),
			floats: () => post(url, floats, agent),
			bytes: () => post(url, bytes, agent),
		};
		const costs = await inTurn(ways, server.pid, 2 * rounds);
		return [
			compared("JSON with all digits", costs.grpc, costs.floats, MOST),
			compared("JSON of bytes 0 … 255", costs.grpc, costs.bytes),
		];
	} finally {
		agent.destroy();
		caller.close();
		await server.stop();
		rmSync(folder, { recursive: true });
	}
}

async function inTurn(ways, pid, rounds) {
	const samples = Object.fromEntries(
		Object.keys(ways).map((name) => [name, []]),
	);
	// the first round warms up
	for (let round = 0; round <= rounds; round++)
		for (const [name, ask] of Object.entries(ways)) {
			const sample = await cost(ask, pid);
			if (round > 0) samples[name].push(sample);
		}
	return Object.fromEntries(
		Object.entries(samples).map(([name, all]) => [
			name,
			{
				processor: median(all.map(({ processor }) => processor)),
				latency: median(all.map(({ latency }) => latency)),
			},
		]),
	);
}

/** Milliseconds a request: of the server's processors, and until the answer is there. */
async function cost(ask, pid) {
	const before = processorSeconds(pid);
	const times = [];
	for (let i = 0; i < REQUESTS; i++) {
		const start = performance.now();
		await ask();
		times.push(performance.now() - start);
	}
	const seconds = processorSeconds(pid) - before;
	return { processor: (seconds * 1000) / REQUESTS, latency: median(times) };
}

function compared(name, grpc, rest, atMost) {
	const show = ({ processor, latency }) =>
		`${processor.toFixed(2)} ms (answered in ${latency.toFixed(2)} ms)`;
	return row(
		"grpc",
		`the server's processor time for a picture, gRPC over REST, ${name}`,
		{
			figure: `${show(grpc)} vs ${show(rest)}`,
			ratio: grpc.processor / rest.processor,
			atMost,
		},
	);
}

function jsonBody(pixel) {
	const whole = picture(SHAPE, (value) => pixel(value));
	return Buffer.from(JSON.stringify({ instances: [whole] }));
}

function predictMessage() {
	const values = Float32Array.from(
		picture(SHAPE, (value) => value / 255).flat(2),
	);
	const request = create(PredictRequestSchema, {
		modelSpec: { name: "picture" },
		inputs: {
			x: {
				dtype: DataType.DT_FLOAT,
				tensorShape: {
					dim: [1, ...SHAPE].map((size) => ({ size: BigInt(size) })),
				},
				tensorContent: new Uint8Array(values.buffer),
			},
		},
	});
	return toBinary(PredictRequestSchema, request);
}
