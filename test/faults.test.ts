import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { gzipSync } from "node:zlib";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
	PredictionService,
	PredictRequestSchema,
} from "../src/gen/prediction_pb.js";
import { DataType, type TensorProtoSchema } from "../src/gen/tensor_pb.js";
import { clientOf } from "./lib/serving/grpc/client.js";
import { random } from "./random.js";
import {
	makeTlsFolder,
	type Serving,
	startServing,
	type TlsFolder,
} from "./serving.js";

const { predict } = PredictionService.method;
const START = "POST /v1/models/digits:predict HTTP/1.1\r\n";
const HEAD = `${START}Host: h\r\n`;
const BODY = JSON.stringify({
	instances: [Array(28).fill(Array(28).fill([0.5]))],
});
const IMAGE = request({
	tensorShape: shape(1n, 28n, 28n, 1n),
	floatVal: Array(784).fill(0.5),
});

/** Bytes that are the same at each run, so that what fails fails again. */
const NOISE = Array.from({ length: 12 }, (_, i) => noise(i + 1, 40 << (i % 8)));

/** What is no request of HTTP, or none that ends, and so gets a refusal or the end of the connection. */
const BROKEN: Readonly<Record<string, string | Uint8Array>> = {
	"a length without its body": `${HEAD}Content-Length: 100\r\n\r\n{}`,
	"a body that is longer": `${HEAD}Content-Length: 7\r\n\r\n${BODY}`,
	"two lengths": `${HEAD}Content-Length: 7\r\nContent-Length: 8\r\n\r\n${BODY}`,
	"a negative length": `${HEAD}Content-Length: -7\r\n\r\n`,
	"an absurd length": `${HEAD}Content-Length: ${"9".repeat(30)}\r\n\r\n`,
	"a length and chunks": `${HEAD}Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n${BODY}`,
	"chunks of no size": `${HEAD}Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}`,
	"chunks that stop": `${HEAD}Transfer-Encoding: chunked\r\n\r\nffff\r\n{`,
	"an absurd chunk": `${HEAD}Transfer-Encoding: chunked\r\n\r\n${"f".repeat(17)}\r\n{`,
	"a zero byte in the head": `${START}Host: h\0\r\n\r\n`,
	"no host": `${START}\r\n`,
	"a large head": `${HEAD}X: ${"x".repeat(20_000)}\r\n\r\n`,
	"many headers": `${HEAD}${"X: x\r\n".repeat(300)}\r\n`,
	"a long line": `GET /${"x".repeat(100_000)}`,
	"HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	"a slow body": `${HEAD}Content-Length: 100\r\n\r\n{`,
	"a slow head": HEAD,
	nothing: "",
	...Object.fromEntries(NOISE.map((bytes, i) => [`noise ${i}`, bytes])),
};

const ANSWERED_OR_CLOSED = /^(HTTP\/1\.1 4\d\d |$)/;

describe.each(["plain", "TLS"])("a server whose ports are %s", (kind) => {
	let tls: TlsFolder | undefined;
	let server: Serving;
	let client: ReturnType<typeof clientOf>;

	beforeAll(async () => {
		tls = kind === "TLS" ? makeTlsFolder() : undefined;
		server = await startServing([
			...["--max-body=1MiB", "--header-timeout=1s", "--body-timeout=2s"],
			...(tls?.args ?? []),
		]);
		client = clientOf(
			`localhost:${server.grpcPort}`,
			tls && credentials.createSsl(Buffer.from(tls.authority.cert)),
		);
	});

	afterAll(async () => {
		client.close();
		expect(await server.stop()).toEqual([0, null]);
		expect(server.said()).toBe("stopping: finishing the requests under way\n");
		tls?.remove();
	});

	/** A client of REST, or of another port. */
	function open(port = server.restPort): Socket {
		const socket =
			tls === undefined
				? connect(port, "127.0.0.1")
				: connectTls({ port, host: "localhost", ca: tls.authority.cert });
		return socket.on("error", () => socket.destroy());
	}

	async function answerTo(...parts: readonly (string | Uint8Array)[]) {
		const socket = open();
		for (const part of parts) socket.write(part);
		return text(socket).catch(() => "");
	}

	function answerToBody(body: string | Uint8Array, header = "X: x") {
		const head = `${HEAD}Content-Length: ${body.length}\r\nConnection: close\r\n${header}\r\n\r\n`;
		return answerTo(head, body);
	}

	/** Whether it still does what it is there for. */
	async function expectService() {
		expect(await answerToBody(BODY)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
		expect((await client.call(predict, IMAGE)).error).toBeUndefined();
	}

	test("refuses what is no request, or cuts it off", async () => {
		const answers = await Promise.all(
			Object.entries(BROKEN).map(
				async ([name, bytes]) => [name, await answerTo(bytes)] as const,
			),
		);
		for (const [name, answer] of answers) {
			expect.soft(answer, name).toMatch(ANSWERED_OR_CLOSED);
			expect.soft(answer, name).not.toMatch(/HTTP\/1\.1 5/);
		}
		await expectService();
	});

	test("cuts off who comes without TLS, or with noise, on both ports", async () => {
		for (const port of [server.restPort, server.grpcPort])
			for (const bytes of NOISE) {
				const socket = connect(port, "127.0.0.1");
				socket.on("error", () => socket.destroy());
				socket.write(bytes);
				const answer = await text(socket).catch(() => "");
				if (port === server.restPort)
					expect(answer).toMatch(ANSWERED_OR_CLOSED);
			}
		await expectService();
	});

	test.each<[number, string, string | Uint8Array, string?]>([
		[413, "a gzip bomb", gzipSync(Buffer.alloc(200 << 20)), "gzip"],
		[400, "a gzip that is cut", gzipSync(BODY).subarray(0, 50), "gzip"],
		[413, "more than --max-body", Buffer.alloc(2 << 20, " ")],
		[400, "10,000 lists in one another", nested("[", "]", 10_000)],
		[400, "lists that do not end", `{"instances":${"[".repeat(500_000)}}`],
		[400, "10,000 objects in one another", nested('{"a":', "}", 10_000)],
		[400, "a number beyond numbers", '{"instances":[1e999999]}'],
		[400, "a string that does not end", `{"instances":["${"x".repeat(9999)}`],
		[400, "zero bytes", Buffer.alloc(100_000)],
		...NOISE.map((bytes, i): [number, string, Uint8Array] => [
			400,
			`noise ${i}`,
			bytes,
		]),
	])(
		"answers %i to %s, and the next as ever",
		async (status, _, body, encoding = "identity") => {
			const answer = await answerToBody(body, `Content-Encoding: ${encoding}`);
			expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
			expect(answer).toContain('"error": "');
			await expectService();
		},
	);

	test("does without clients that leave", async () => {
		const whole = `${HEAD}Content-Length: ${BODY.length}\r\n\r\n${BODY}`;
		for (const length of [10, 60, whole.length - 100, whole.length]) {
			const socket = open();
			socket.write(whole.slice(0, length));
			await once(socket, tls === undefined ? "connect" : "secureConnect");
			socket.destroy();
		}
		const leaving = clientOf(
			`localhost:${server.grpcPort}`,
			tls && credentials.createSsl(Buffer.from(tls.authority.cert)),
		);
		const calls = Array.from({ length: 20 }, () =>
			leaving.call(predict, IMAGE),
		);
		leaving.close();
		await Promise.all(calls);
		await expectService();
	});

	test.each<[string, Uint8Array]>([
		["2^62 elements", encoded({ tensorShape: shape(2n ** 31n, 2n ** 31n) })],
		[
			"2^40 elements from one",
			encoded({ tensorShape: shape(1n << 40n), floatVal: [1] }),
		],
		["a dimension of -1", encoded({ tensorShape: shape(-1n, 784n) })],
		["a dimension of -2^63", encoded({ tensorShape: shape(-(2n ** 63n)) })],
		[
			"too few bytes",
			encoded({
				tensorShape: shape(1n, 28n, 28n, 1n),
				tensorContent: new Uint8Array(7),
			}),
		],
		[
			"300 dimensions",
			encoded({ tensorShape: shape(...Array<bigint>(300).fill(1n)) }),
		],
		[
			"a type that is none",
			encoded({ dtype: 999 as DataType, tensorShape: shape(1n) }),
		],
		["a varint of 12 bytes", Buffer.from("0affffffffffffffffffffff01", "hex")],
		["a varint that does not end", Buffer.alloc(200, 0xff)],
		["a length beyond the message", Buffer.from("0affffffff07", "hex")],
		["groups in one another", Buffer.alloc(5000, 0x0b)],
		[
			"a request that is cut",
			toBinary(
				PredictRequestSchema,
				create(PredictRequestSchema, IMAGE),
			).subarray(0, 500),
		],
	])("takes a message with %s for the caller's mistake", async (_, bytes) => {
		expect((await client.refusal(predict, bytes))?.code).toBe(
			"INVALID_ARGUMENT",
		);
		await expectService();
	});

	test("takes messages of noise for the caller's mistake", async () => {
		// noise may also be a request without a model
		for (const bytes of NOISE)
			expect((await client.refusal(predict, bytes))?.code).toMatch(
				/^(INVALID_ARGUMENT|NOT_FOUND)$/,
			);
		await expectService();
	});

	test("refuses a message that is too large", async () => {
		const { code } =
			(await client.refusal(predict, new Uint8Array(2 << 20))) ?? {};
		expect(code).toBe("RESOURCE_EXHAUSTED");
		await expectService();
	});
});

function noise(seed: number, length: number): Buffer {
	const next = random(seed);
	return Buffer.from(Uint8Array.from({ length }, () => next(256)));
}

function nested(opening: string, closing: string, depth: number): string {
	return `{"instances":${opening.repeat(depth)}1${closing.repeat(depth)}}`;
}

type TensorInit = MessageInitShape<typeof TensorProtoSchema>;

function request(tensor: TensorInit) {
	return {
		modelSpec: { name: "digits" },
		inputs: { image: { dtype: DataType.DT_FLOAT, ...tensor } },
	};
}

function encoded(tensor: TensorInit): Uint8Array {
	return toBinary(
		PredictRequestSchema,
		create(PredictRequestSchema, request(tensor)),
	);
}

function shape(...sizes: readonly bigint[]) {
	return { dim: sizes.map((size) => ({ size })) };
}
