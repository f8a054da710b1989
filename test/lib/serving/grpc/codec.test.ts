import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import {
	PredictRequestSchema,
	PredictResponseSchema,
} from "../../../../src/gen/prediction_pb.js";
import { DataType } from "../../../../src/gen/tensor_pb.js";
import { MlshipError } from "../../../../src/lib/errors.js";
import {
	encodePredictResponse,
	readPredictRequest,
} from "../../../../src/lib/serving/grpc/codec.js";
import { readExampleRequest } from "../../../../src/lib/serving/grpc/example-request.js";
import { answeredSpec } from "../../../../src/lib/serving/grpc/spec.js";

const REQUEST = toBinary(
	PredictRequestSchema,
	create(PredictRequestSchema, {
		modelSpec: {
			name: "m",
			versionChoice: { case: "version", value: { value: 7n } },
			signatureName: "s",
		},
		inputs: {
			floats: {
				dtype: DataType.DT_FLOAT,
				tensorShape: { dim: [{ size: 2n, name: "rows" }] },
				floatVal: [1, 2],
			},
			texts: {
				dtype: DataType.DT_STRING,
				tensorShape: { dim: [{ size: 2n }] },
				stringVal: [Uint8Array.of(1), Uint8Array.of(2, 3)],
			},
			longs: {
				dtype: DataType.DT_INT64,
				tensorShape: { dim: [{ size: 3n }] },
				tensorContent: new Uint8Array(24),
			},
		},
		outputFilter: ["a", "b"],
	}),
);

describe("readPredictRequest()", () => {
	test("reads what is asked for, and its tensors when they are wanted", () => {
		const { spec, inputs, outputFilter } = readPredictRequest(REQUEST);
		expect(spec).toMatchObject({
			name: "m",
			versionChoice: { case: "version", value: { value: 7n } },
			signatureName: "s",
		});
		expect(outputFilter).toEqual(["a", "b"]);
		const budget = { bytes: 1000 };
		const read = [...inputs].map(([name, input]) => [name, input.read(budget)]);
		expect(Object.fromEntries(read)).toEqual({
			floats: { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) },
			texts: {
				dtype: "string",
				shape: [2],
				data: [Uint8Array.of(1), Uint8Array.of(2, 3)],
			},
			longs: { dtype: "int64", shape: [3], data: new BigInt64Array(3) },
		});
	});

	test("refuses more names than any model has", () => {
		// entries of nothing but a key, all of them different
		const entries = Array.from({ length: 10_001 }, (_, i) => {
			const key = Buffer.from(String(i));
			return [0x12, key.length + 2, 0x0a, key.length, ...key];
		});
		expect(() => readPredictRequest(Uint8Array.from(entries.flat()))).toThrow(
			"10000 names",
		);
	});

	test("refuses bytes that are no request, or reads something else; it never breaks", () => {
		const random = randomNumbers(20_261_121);
		const budget = () => ({ bytes: 1_000_000 });
		for (let round = 0; round < 5_000; round++) {
			const bytes = mutated(REQUEST, random);
			onlyRefuses(() => {
				for (const input of readPredictRequest(bytes).inputs.values())
					onlyRefuses(() => input.read(budget()));
			});
			onlyRefuses(() => readExampleRequest(bytes, 1_000_000));
		}
	});
});

test("encodePredictResponse() writes outputs by their names, and what answered", () => {
	const outputs = {
		"y é": { dtype: "float32", shape: [1, 2], data: Float32Array.of(1, 2) },
		none: { dtype: "int32", shape: [0], data: new Int32Array(0) },
	} as const;
	const bytes = encodePredictResponse(
		outputs,
		answeredSpec("m", 2n ** 40n, "serving_default"),
		"fields",
	);
	expect(fromBinary(PredictResponseSchema, bytes)).toMatchObject({
		outputs: {
			"y é": {
				dtype: DataType.DT_FLOAT,
				tensorShape: { dim: [{ size: 1n }, { size: 2n }] },
				floatVal: [1, 2],
			},
			none: {
				dtype: DataType.DT_INT32,
				tensorShape: { dim: [{ size: 0n }] },
				intVal: [],
			},
		},
		modelSpec: {
			name: "m",
			versionChoice: { case: "version", value: { value: 2n ** 40n } },
			signatureName: "serving_default",
		},
	});
});

function onlyRefuses(work: () => unknown): void {
	try {
		work();
	} catch (error) {
		if (!(error instanceof MlshipError) || error.code === "BUG") throw error;
	}
}

/** Some bytes are others, some are gone, and some come twice. */
function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
	const changed = [...bytes];
	for (let i = 1 + Math.floor(random() * 4); i > 0; i--) {
		const at = Math.floor(random() * changed.length);
		const kind = random();
		if (kind < 0.6) changed[at] = Math.floor(random() * 256);
		else if (kind < 0.8) changed.splice(at, 1 + Math.floor(random() * 8));
		else changed.splice(at, 0, ...changed.slice(at, at + 8));
	}
	return Uint8Array.from(changed);
}

/** The same numbers from 0 to 1 each time (Lehmer's generator, MINSTD). */
function randomNumbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 48_271) % 2_147_483_647;
		return state / 2_147_483_647;
	};
}
