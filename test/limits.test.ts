import { once } from "node:events";
import { connect as connectSession } from "node:http2";
import { connect, type Socket } from "node:net";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "vitest";
import {
	PredictionService,
	PredictRequestSchema,
} from "../src/gen/prediction_pb.js";
import { DataType } from "../src/gen/tensor_pb.js";
import { clientOf } from "./lib/serving/grpc/client.js";
import { samplesOf, valueIn } from "./lib/serving/metrics/samples.js";
import { type Serving, startServing } from "./serving.js";

const { predict } = PredictionService.method;

let server: Serving;

afterEach(() => {
	server.child.kill("SIGKILL");
});

function place(model: string): string {
	return `http://127.0.0.1:${server.restPort}/v1/models/${model}:predict`;
}

async function askRest(model: string, body: unknown) {
	const given = { method: "POST", body: JSON.stringify(body) };
	const response = await fetch(place(model), given);
	const { error } = (await response.json()) as { error?: string };
	return {
		status: response.status,
		retryAfter: response.headers.get("retry-after"),
		error,
	};
}

async function askGrpc(
	request: MessageInitShape<typeof PredictRequestSchema>,
	deadline?: number,
) {
	const client = clientOf(`127.0.0.1:${server.grpcPort}`);
	const options = deadline === undefined ? {} : { deadline };
	const { error } = await client.call(predict, request, options);
	client.close();
	return error;
}

/** Floats for a signature with the one input `x`. */
function floats(
	name: string,
	shape: readonly number[],
	values: readonly number[],
): MessageInitShape<typeof PredictRequestSchema> {
	const dim = shape.map((size) => ({ size: BigInt(size) }));
	const x = {
		dtype: DataType.DT_FLOAT,
		tensorShape: { dim },
		floatVal: [...values],
	};
	return { modelSpec: { name }, inputs: { x } };
}

/** Resolves when the server has seen the head of a request, whose body does not come. */
async function startRequest(): Promise<Socket> {
	const socket = connect(server.restPort, "127.0.0.1");
	socket.on("error", () => undefined);
	socket.write(
		"POST /v1/models/dtypes:predict HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
	);
	await once(socket, "data");
	return socket;
}

test("--max-concurrency refuses over both protocols what is too much at once, and counts it", async () => {
	server = await startServing([
		"fixtures/models/dtypes",
		"--max-concurrency=1",
	]);
	const body = { instances: [[1, 2, 3]] };
	const request = floats("dtypes", [1, 3], [1, 2, 3]);
	const slow = await startRequest();
	expect(await askRest("dtypes", body)).toEqual({
		status: 503,
		retryAfter: "1",
		error:
			"cannot answer: 1 requests are under way, at most 1 are let in (--max-concurrency); try again later",
	});
	expect(await askGrpc(request)).toEqual({
		code: "UNAVAILABLE",
		text: "cannot answer: 1 requests are under way, at most 1 are let in (--max-concurrency); try again later",
	});
	const metrics = `http://127.0.0.1:${server.restPort}/metrics`;
	const page = await (await fetch(metrics)).text();
	expect(samplesOf(page).length).toBeGreaterThan(50);
	for (const [protocol, api] of [
		["rest", "other"],
		["grpc", "predict"],
	])
		expect(
			valueIn(page, "mlship_requests_total", {
				...{ model: "", version: "", protocol, api, code: "UNAVAILABLE" },
			}),
		).toBe(1);
	expect((await fetch(metrics.replace("metrics", "livez"))).status).toBe(200);
	slow.destroy();
	await expect
		.poll(async () => (await askRest("dtypes", body)).status)
		.toBe(200);
	expect(await askGrpc(request)).toBeUndefined();
	expect(await server.stop()).toEqual([0, null]);
});

test("--max-elements and --max-rank are looked at before the model is", async () => {
	server = await startServing([
		...["fixtures/models/dtypes", "--max-elements=6", "--max-rank=2"],
	]);
	const six = [1, 2, 3, 4, 5, 6];
	expect(await askRest("dtypes", { instances: [[1, 2, 3]] })).toMatchObject({
		status: 200,
	});
	expect(await askGrpc(floats("dtypes", [2, 3], six))).toBeUndefined();
	const nine = [...six, 7, 8, 9];
	expect(
		await askRest("dtypes", {
			inputs: [six.slice(0, 3), six.slice(3), [7, 8, 9]],
		}),
	).toMatchObject({
		status: 400,
		error: expect.stringContaining("--max-elements"),
	});
	expect(await askRest("dtypes", { inputs: [[[1, 2, 3]]] })).toMatchObject({
		status: 400,
		error: expect.stringContaining("--max-rank"),
	});
	expect(await askGrpc(floats("dtypes", [3, 3], nine))).toMatchObject({
		code: "INVALID_ARGUMENT",
		text: expect.stringContaining("--max-elements"),
	});
	expect(await askGrpc(floats("dtypes", [1, 1, 3], six))).toMatchObject({
		code: "INVALID_ARGUMENT",
		text: expect.stringContaining("--max-rank"),
	});
	expect(await server.stop()).toEqual([0, null]);
});

test("--answer-timeout cuts off who asks and does not listen", async () => {
	server = await startServing([
		...["fixtures/models/dtypes", "--answer-timeout=1s"],
	]);
	// more than the system keeps for one that does not read
	const rows = Array(1_500_000).fill([0.5, 0.5, 0.5]);
	const body = JSON.stringify({ instances: rows });
	const deaf = connect(server.restPort, "127.0.0.1");
	deaf.write(
		`POST /v1/models/dtypes:predict HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
	);
	// of a connection that is closed, one hears by writing
	const writing = setInterval(() => deaf.write("x"), 200);
	const [cut] = await once(deaf, "error");
	clearInterval(writing);
	expect(cut.code).toMatch(/ECONNRESET|EPIPE/);

	const session = connectSession(`http://127.0.0.1:${server.grpcPort}`, {
		// no answer may be sent
		settings: { initialWindowSize: 0 },
	});
	session.on("error", () => undefined);
	const asking = session.request({
		":method": "POST",
		":path": "/tensorflow.serving.PredictionService/Predict",
		"content-type": "application/grpc",
		te: "trailers",
	});
	asking.on("error", () => undefined);
	const message = toBinary(
		PredictRequestSchema,
		create(PredictRequestSchema, floats("dtypes", [1, 3], [1, 2, 3])),
	);
	const head = Buffer.alloc(5);
	head.writeUInt32BE(message.length, 1);
	asking.end(Buffer.concat([head, message]));
	await once(session, "close");
	expect(await askGrpc(floats("dtypes", [1, 3], [1, 2, 3]))).toBeUndefined();
	expect(await server.stop()).toEqual([0, null]);
});

test("--request-timeout and a caller's own deadline end the wait for a run that does not end, and so does the end of the process", async () => {
	server = await startServing([
		...["fixtures/saved/endless", "--workers=1"],
		...["--request-timeout=1s", "--drain-timeout=1s"],
	]);
	// fixtures/formats.py: what is more than 0 goes round and round
	expect(await askRest("endless", { inputs: -1 })).toMatchObject({
		status: 200,
	});
	expect(await askRest("endless", { inputs: 1 })).toEqual({
		status: 504,
		retryAfter: null,
		error: "Timed out waiting for notification",
	});
	const endless = floats("endless", [], [1]);
	expect(await askGrpc(endless)).toEqual({
		code: "DEADLINE_EXCEEDED",
		text: "Timed out waiting for notification",
	});
	expect(await askGrpc(endless, Date.now() + 300)).toMatchObject({
		code: "DEADLINE_EXCEEDED",
	});
	// nothing within the process can end a thread that computes
	expect(await server.stop()).toEqual([null, "SIGKILL"]);
});
