import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "vitest";
import {
	Health,
	HealthCheckRequestSchema,
	HealthCheckResponse_ServingStatus,
	HealthCheckResponseSchema,
} from "../../../../src/gen/health_pb.js";
import {
	type GrpcServer,
	openGrpcServer,
} from "../../../../src/lib/serving/grpc/server.js";
import type { Host } from "../../../../src/lib/serving/host.js";
import { fakeHost, HALF_PLUS_TWO } from "../fake.js";
import { clientOf } from "./client.js";

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } =
	HealthCheckResponse_ServingStatus;
const SERVICES = [
	"",
	"PredictionService",
	"tensorflow.serving.PredictionService",
	"ModelService",
	"tensorflow.serving.ModelService",
];
const VERSION = { version: 1n, dir: `${HALF_PLUS_TWO}/00000123` };

let host: Host;
let server: GrpcServer;
let client: ReturnType<typeof clientOf>;
let reason: string | undefined;

async function open(): Promise<void> {
	host = fakeHost();
	reason = "models are being loaded";
	server = await openGrpcServer({
		host,
		address: "127.0.0.1",
		port: 0,
		maxBody: 1000,
		whyNotReady: () => reason,
	});
	client = clientOf(`127.0.0.1:${server.port}`);
}

afterEach(async () => {
	client.close();
	await server.close();
});

async function check(service: string) {
	const { response, error } = await client.call(Health.method.check, {
		service,
	});
	return response?.status ?? error?.code;
}

test("services serve when traffic should come, models when one of their versions answers", async () => {
	await open();
	for (const name of SERVICES) expect(await check(name)).toBe(NOT_SERVING);
	expect(await check("m")).toBe("NOT_FOUND");
	await host.addVersion("m", VERSION);
	await host.addVersion("broken", { version: 1n, dir: "/nowhere" });
	reason = undefined;
	for (const name of SERVICES) expect(await check(name)).toBe(SERVING);
	expect(await check("m")).toBe(SERVING);
	expect(await check("broken")).toBe(NOT_SERVING);
});

/** What a stream tells, one state after the other, and its end as undefined. */
function watching(service: string) {
	const stream = client.client.makeServerStreamRequest(
		"/grpc.health.v1.Health/Watch",
		Buffer.from,
		(bytes: Buffer) => fromBinary(HealthCheckResponseSchema, bytes).status,
		toBinary(
			HealthCheckRequestSchema,
			create(HealthCheckRequestSchema, { service }),
		),
	);
	const states = stream[Symbol.asyncIterator]();
	return async (): Promise<HealthCheckResponse_ServingStatus | undefined> =>
		(await states.next()).value;
}

test("those that watch a model hear of every change, and of the end", async () => {
	await open();
	const next = watching("m");
	expect(await next()).toBe(SERVICE_UNKNOWN);
	await host.addVersion("m", VERSION);
	expect(await next()).toBe(SERVING);
	await host.addVersion("m", { ...VERSION, version: 2n });
	await host.removeVersion("m", 1n);
	// another version answers, so nothing is told until that one goes
	await host.removeVersion("m", 2n);
	expect(await next()).toBe(SERVICE_UNKNOWN);
	await host.addVersion("m", { version: 3n, dir: "/nowhere" });
	expect(await next()).toBe(NOT_SERVING);
	await host.addVersion("m", VERSION);
	expect(await next()).toBe(SERVING);
	await server.close();
	expect([await next(), await next()]).toEqual([NOT_SERVING, undefined]);
});

test("those that watch the server hear when traffic should come, and when it should not any more", async () => {
	await open();
	const all = ["", "tensorflow.serving.PredictionService"].map(watching);
	const heard = () => Promise.all(all.map((next) => next()));
	expect(await heard()).toEqual([NOT_SERVING, NOT_SERVING]);
	reason = undefined;
	expect(await heard()).toEqual([SERVING, SERVING]);
	reason = "the server is stopping";
	expect(await heard()).toEqual([NOT_SERVING, NOT_SERVING]);
	await server.close();
	expect(await heard()).toEqual([undefined, undefined]);
});
