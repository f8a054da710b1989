import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PredictionService } from "../../../src/gen/prediction_pb.js";
import { DataType } from "../../../src/gen/tensor_pb.js";
import { openGrpcServer } from "../../../src/lib/serving/grpc/server.js";
import { Host } from "../../../src/lib/serving/host.js";
import { loadModel } from "../../../src/lib/serving/load.js";
import { Loader } from "../../../src/lib/serving/loading/loader.js";
import { openRestServer } from "../../../src/lib/serving/rest/server.js";
import { HALF_PLUS_TWO } from "./fake.js";
import { clientOf } from "./grpc/client.js";

const ENTRY = { version: 1n, dir: `${HALF_PLUS_TWO}/00000123` };

let workers: Worker[] = [];
const note = (worker: Worker) => workers.push(worker);
beforeEach(() => {
	workers = [];
	process.on("worker", note);
});
afterEach(() => {
	process.off("worker", note);
});

/** The thread dies of the next thing that it is told to do. */
function doom(worker: Worker): void {
	worker.postMessage = () => void worker.terminate();
}

function threadedHost(): Host {
	const loader = new Loader();
	return new Host((dir) => loadModel(dir, { loader, workers: 1, threads: 1 }));
}

test("requests of a thread that dies fail once, with 503 and UNAVAILABLE, and its successor answers the next", async () => {
	const host = threadedHost();
	await host.addVersion("m", ENTRY);
	const place = { address: "127.0.0.1", port: 0, maxBody: 1000 };
	const rest = await openRestServer({
		...{ host, ...place, timeoutMs: 0, cors: false, compat: "default" },
	});
	const grpc = await openGrpcServer({
		...{ host, ...place, whyNotReady: () => undefined },
	});
	const client = clientOf(`127.0.0.1:${grpc.port}`);
	const overRest = async () => {
		const { status } = await fetch(
			`http://127.0.0.1:${rest.port}/v1/models/m:predict`,
			{ method: "POST", body: '{"instances": [2]}' },
		);
		return status;
	};
	const overGrpc = async () => {
		const { error } = await client.call(PredictionService.method.predict, {
			modelSpec: { name: "m" },
			inputs: {
				x: {
					dtype: DataType.DT_FLOAT,
					tensorShape: { dim: [{ size: 1n }] },
					floatVal: [2],
				},
			},
		});
		return error?.code ?? "OK";
	};
	for (const [ask, failed, answered] of [
		[overRest, 503, 200],
		[overGrpc, "UNAVAILABLE", "OK"],
	] as const) {
		expect(await ask()).toBe(answered);
		workers.splice(0).forEach(doom);
		expect(await ask()).toBe(failed);
		expect(await ask()).toBe(answered);
	}
	client.close();
	await Promise.all([rest.close(), grpc.close()]);
	await host.close();
});

test("a version whose loading thread dies is not served, others are, and it is when it is tried again", async () => {
	const host = threadedHost();
	process.once("worker", doom);
	const others = host.addVersion("m", ENTRY);
	expect(await others).toMatchObject({
		state: "END",
		error: {
			code: "NOT_READY",
			message: expect.stringMatching(
				/^cannot load: the thread that loads died/,
			),
		},
	});
	expect(await host.addVersion("m", ENTRY)).toMatchObject({
		state: "AVAILABLE",
	});
	await host.close();
});
