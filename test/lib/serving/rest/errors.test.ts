import { describe, expect, test } from "vitest";
import { fail } from "../../../../src/lib/errors.js";
import {
	errorAnswer,
	errorBody,
} from "../../../../src/lib/serving/rest/errors.js";

describe("errorBody()", () => {
	test("is laid out as rapidjson's PrettyWriter does it", () => {
		expect(errorBody("Servable not found for request: Latest(foo)")).toBe(
			'{\n    "error": "Servable not found for request: Latest(foo)"\n}',
		);
	});

	test.each([
		// tensorflow/serving, json_tensor_test.cc, StatusError
		['Bad key: "key"', '"Bad key: \\"key\\""'],
		["a\\u001fb", '"a\\\\u001fb"'],
		// rapidjson writer.h: capital hex digits, short forms where there are some, the slash as it is
		[
			"\u001f\u0000\b\f\n\r\t\u007f/é",
			'"\\u001F\\u0000\\b\\f\\n\\r\\t\u007f/é"',
		],
	])("escapes %j", (message, escaped) => {
		expect(errorBody(message)).toBe(`{\n    "error": ${escaped}\n}`);
	});
});

describe("errorAnswer()", () => {
	test("has the status of the error's code, and no cause", () => {
		const error = fail("NOT_READY", "cannot run: it loads", {
			cause: new Error("secret"),
		});
		expect(errorAnswer(error, "default")).toEqual({
			status: 503,
			type: "application/json",
			code: "UNAVAILABLE",
			body: errorBody("cannot run: it loads"),
			headers: { "Retry-After": "1" },
		});
		expect(errorAnswer(error, "strict").headers).toBeUndefined();
	});

	test("says no more than upstream where its ways are kept", () => {
		const error = fail("INVALID", "No; yours has x", { upstream: "No" });
		expect(errorAnswer(error, "strict").body).toBe(errorBody("No"));
		expect(errorAnswer(error, "default").body).toBe(
			errorBody("No; yours has x"),
		);
	});

	test("takes foreign errors for ours", () => {
		expect(errorAnswer(new TypeError("x"), "default").status).toBe(500);
	});
});
