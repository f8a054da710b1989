import { describe, expect, test } from "vitest";
import { MlshipError } from "../../../../src/lib/errors.js";
import type { PredictRequest } from "../../../../src/lib/tensor/json/request.js";
import { random } from "../../../random.js";
import { decode, type Inputs } from "./requests.js";

const BODIES: readonly [string, Inputs][] = [
	[
		'{"signature_name": "s", "instances": [[1.5, -2e-3, 0.123456789012], [3, 4E+5, NaN]]}',
		{ x: "float32" },
	],
	[
		'{"instances": [{"a": [1, 2], "b": "t\\u00e9"}, {"b": {"b64": "aGk="}, "a": [3, 4]}]}',
		{ a: "int64", b: "string" },
	],
	[
		'{"inputs": {"a": [[true], [false]], "b": [[[12], [200]]], "c": 1}, "x": [{}]}',
		{ a: "bool", b: "uint8" },
	],
	['{"inputs": [[1, 2], [0.5, 1e9]]}', { z: "complex64" }],
];

/** A request, or the message of the MlshipError; anything else fails the test. */
function outcome(body: Uint8Array, inputs: Inputs): PredictRequest | string {
	try {
		return decode(body, inputs);
	} catch (error) {
		if (error instanceof MlshipError && error.code === "INVALID")
			return error.message;
		throw error;
	}
}

describe("decodePredictRequest() lets nothing but INVALID out", () => {
	test.each(BODIES)("of %s cut at every length", (body, inputs) => {
		const bytes = Buffer.from(body);
		for (let end = 0; end < bytes.length; end++)
			expect(outcome(bytes.subarray(0, end), inputs)).toMatch(
				/^JSON Parse error/,
			);
	});

	test.each(BODIES)("of %s with every bit flipped", (body, inputs) => {
		for (let bit = 0; bit < body.length * 8; bit++) {
			const bytes = Buffer.from(body);
			bytes[bit >> 3] ^= 1 << (bit & 7);
			outcome(bytes, inputs);
		}
	});

	test("and reads a body that names its signature last as any other, mutated at random", () => {
		const next = random(11);
		const alphabet = '{}[],:"\\0123.eE-NaInftruls b64';
		for (let round = 0; round < 8000; round++) {
			const [body, inputs] = BODIES[round % BODIES.length];
			const text = [...body.slice(0, -1)];
			for (let edits = 1 + next(2); edits > 0; edits--)
				text.splice(
					next(text.length),
					next(2),
					alphabet[next(alphabet.length)],
				);
			const usual = outcome(Buffer.from(`${text.join("")}}`), inputs);
			const late = outcome(
				Buffer.from(`${text.join("")}, "signature_name": ""}`),
				inputs,
			);
			if (typeof usual === "string" || typeof late === "string") continue;
			expect({ ...late, signatureName: usual.signatureName }).toEqual(usual);
		}
	});
});

test("decodePredictRequest() answers hostile bodies soon", () => {
	const deep = `{"instances": ${"[".repeat(500_000)}1${"]".repeat(500_000)}}`;
	expect(outcome(Buffer.from(deep), { x: "float32" })).toContain(
		"Encountered more than 254 lists inside one another",
	);
	const open = `{"inputs": ${'{"a":'.repeat(200_000)}`;
	expect(outcome(Buffer.from(open), { x: "float32" })).toMatch(
		/^JSON Parse error/,
	);
	const wide = `{"instances": [${"[],".repeat(300_000)}[1]]}`;
	expect(outcome(Buffer.from(wide), { x: "float32" })).toContain(
		"Failed to process element: 300000 of 'instances' list.",
	);
	const digits = `{"inputs": [0.${"1".repeat(1_000_000)}, ${"1".repeat(300)}]}`;
	expect(outcome(Buffer.from(digits), { x: "float32" })).toMatchObject({
		format: "columnar",
	});
	const long = `{"inputs": "${"a".repeat(5_000_000)}"}`;
	expect(
		String(outcome(Buffer.from(long), { x: "float32" })).length,
	).toBeLessThan(1000);
});
