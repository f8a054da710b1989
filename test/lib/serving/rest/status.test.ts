import { describe, expect, test } from "vitest";
import { fail } from "../../../../src/lib/errors.js";
import {
	modelsText,
	statusText,
} from "../../../../src/lib/serving/rest/status.js";
import { fakeHost, HALF_PLUS_TWO } from "../fake.js";

describe("statusText()", () => {
	test("prints what TensorFlow Serving prints", () => {
		// tensorflow/serving, docs and tensorflow_model_server_test.py testGetStatusREST
		expect(
			statusText([{ version: 2n, dir: "/m/2", state: "AVAILABLE" }]),
		).toBe(`{
 "model_version_status": [
  {
   "version": "2",
   "state": "AVAILABLE",
   "status": {
    "error_code": "OK",
    "error_message": ""
   }
  }
 ]
}
`);
	});

	test("tells why a version has ended, under the canonical name of its error", () => {
		const error = fail("CORRUPT", "cannot read it: bytes are gone");
		const text = statusText([
			{ version: 2n ** 62n, dir: "/m", state: "END", error },
		]);
		expect(JSON.parse(text).model_version_status).toEqual([
			{
				version: "4611686018427387904",
				state: "END",
				status: {
					error_code: "DATA_LOSS",
					error_message: "cannot read it: bytes are gone",
				},
			},
		]);
	});
});

describe("modelsText()", () => {
	test("lists models by name, each with its versions, the latest first", async () => {
		const host = fakeHost();
		const add = (
			name: string,
			version: bigint,
			dir = `${HALF_PLUS_TWO}/00000123`,
		) => host.addVersion(name, { version, dir });
		await add("b", 1n);
		await add("a", 1n);
		await add("a", 2n, "/nowhere");
		const { models } = JSON.parse(modelsText(host));
		expect(
			models.map(
				({
					name,
					model_version_status,
				}: Record<string, { version: string; state: string }[]>) => [
					name,
					model_version_status.map(
						({ version, state }) => `${version} ${state}`,
					),
				],
			),
		).toEqual([
			["a", ["2 END", "1 AVAILABLE"]],
			["b", ["1 AVAILABLE"]],
		]);
	});
});
