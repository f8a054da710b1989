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

test("those that watch hear of every change, and of the end", async () => {
	await open();
	const states: HealthCheckResponse_ServingStatus[] = [];
	const heard: (() => void)[] = [];
	const stream = client.client.makeServerStreamRequest(
		"/grpc.health.v1.Health/Watch",
		Buffer.from,
		(bytes: Buffer) => fromBinary(HealthCheckResponseSchema, bytes).status,
		toBinary(
			HealthCheckRequestSchema,
			create(HealthCheckRequestSchema, { service: "m" }),
		),
	);
	stream.on("data", (state: HealthCheckResponse_ServingStatus) => {
		states.push(state);
		heard.shift()?.();
	});
	const next = () => new Promise<void>((resolve) => heard.push(resolve));
	await next();
	const loaded = next();
	await host.addVersion("m", VERSION);
	await loaded;
	const ended = new Promise((resolve) => stream.once("end", resolve));
	await server.close();
	await ended;
	expect(states).toEqual([SERVICE_UNKNOWN, SERVING, NOT_SERVING]);
});
