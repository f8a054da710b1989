import { describe, expect, test } from "vitest";
import { exampleRequest } from "../../../src/lib/savedmodel/example.js";
import type {
	Signature,
	SignaturePort,
} from "../../../src/lib/savedmodel/signature.js";

type Ports = Record<string, Pick<SignaturePort, "dtype" | "shape">>;

function signature(
	inputs: Ports,
	key = "serving_default",
	outputs: Ports = {},
): Signature {
	return {
		key,
		methodName: "tensorflow/serving/predict",
		inputs: ports(inputs),
		outputs: ports(outputs),
		defaults: new Map(),
	};
}

function ports(named: Ports): SignaturePort[] {
	return Object.entries(named).map(([name, port]) => ({
		name,
		tensorName: `${name}:0`,
		...port,
	}));
}

const bodyOf = (inputs: Ports, key?: string) =>
	JSON.parse(exampleRequest(signature(inputs, key)).body);

describe("exampleRequest()", () => {
	test("writes rows without names for one input with a batch", () => {
		expect(bodyOf({ x: { dtype: "float32", shape: [-1, 2, 1] } })).toEqual({
			instances: [[[0.5], [0.5]]],
		});
		expect(bodyOf({ x: { dtype: "int64", shape: [-1] } })).toEqual({
			instances: [1],
		});
	});

	test.each<[string, (readonly number[] | undefined)[], string]>([
		["a batch", [[-1, 3], [-1]], "row"],
		["an unknown rank", [undefined, [-1]], "row"],
		["a scalar", [[-1], []], "columnar"],
		["different first dimensions", [[-1], [3]], "columnar"],
	])(
		"asks for the format in which outputs with %s can be answered",
		(_, shapes, format) => {
			const outputs = Object.fromEntries(
				shapes.map((shape, i) => [
					`y${i}`,
					{ dtype: "float32" as const, shape },
				]),
			);
			const inputs: Ports = { x: { dtype: "float32", shape: [-1] } };
			expect(exampleRequest(signature(inputs, "s", outputs)).format).toBe(
				format,
			);
		},
	);

	test("writes rows with names for several inputs with a batch", () => {
		expect(
			bodyOf({
				flag: { dtype: "bool", shape: [-1, 1] },
				text: { dtype: "string", shape: [-1] },
			}),
		).toEqual({ instances: [{ flag: [true], text: "text" }] });
	});

	test.each([
		[
			"a fixed first dimension",
			{ x: { dtype: "uint8", shape: [2] } },
			{ x: [1, 1] },
		],
		["a scalar", { x: { dtype: "float16", shape: [] } }, { x: 0.5 }],
		[
			"an unknown rank",
			{ x: { dtype: "float32", shape: undefined } },
			{ x: [0.5] },
		],
		[
			"one input of two without a batch",
			{ a: { dtype: "int32", shape: [-1] }, b: { dtype: "int32", shape: [] } },
			{ a: [1], b: 1 },
		],
		["no input", {}, {}],
	] as const)("writes columns for %s", (_, inputs, expected) => {
		const request = exampleRequest(signature(inputs));
		expect(request.format).toBe("columnar");
		expect(JSON.parse(request.body)).toEqual({ inputs: expected });
	});

	test("names a signature that is not the default one", () => {
		expect(bodyOf({ x: { dtype: "int8", shape: [-1] } }, "other")).toEqual({
			signature_name: "other",
			instances: [1],
		});
	});

	test("writes binary strings as base64", () => {
		const { instances } = bodyOf({
			image_bytes: { dtype: "string", shape: [-1] },
		});
		expect(
			Buffer.from(instances[0].b64, "base64").subarray(0, 4).toString("latin1"),
		).toBe("\x89PNG");
	});

	test("gives unknown dimensions a length, pictures a larger one", () => {
		expect(
			bodyOf({ x: { dtype: "int32", shape: [-1, -1] } }).instances,
		).toEqual([[1, 1, 1, 1]]);
		const [picture] = bodyOf({
			x: { dtype: "float32", shape: [-1, -1, -1, 3] },
		}).instances;
		expect([picture.length, picture[0].length, picture[0][0].length]).toEqual([
			32, 32, 3,
		]);
	});

	test("writes an empty list for a dimension of 0, whatever stands behind it", () => {
		expect(bodyOf({ x: { dtype: "float32", shape: [2, 0, 2 ** 33] } })).toEqual(
			{ inputs: { x: [[], []] } },
		);
	});

	test.each([
		["complex64", [-1], "is complex64, which JSON cannot carry"],
		["resource", [], "is resource, which JSON cannot carry"],
		["float32", [-1, 100_000, 100_000], "has 10000000000 elements"],
		["float32", [2 ** 33, 0], "has 8589934592 elements"],
	] as const)(
		"fails with UNSUPPORTED for %s of shape %j",
		(dtype, shape, reason) => {
			expect(() => exampleRequest(signature({ x: { dtype, shape } }))).toThrow(
				expect.objectContaining({
					code: "UNSUPPORTED",
					message: `cannot make a request for signature "serving_default": its input "x" ${reason}`,
				}),
			);
		},
	);
});
