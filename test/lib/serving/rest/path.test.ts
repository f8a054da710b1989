import { describe, expect, test } from "vitest";
import { parseTarget } from "../../../../src/lib/serving/rest/path.js";

// Cases marked upstream are from TensorFlow Serving's http_rest_api_handler_test.cc and …_util_test.cc; the others follow
// from its two patterns.
describe("parseTarget()", () => {
	test.each([
		["GET", "/v1/foo"],
		["POST", "/v1/foo"],
		["GET", "/v1/models/debug/model_name"],
		["POST", "/v1/models"],
		["GET", "/v1/models/foo:predict"],
		["POST", "/v1/models/foo/version/50:predict"],
		["POST", "/v1/models/foo/versions/HELLO:regress"],
		["POST", "/v1/models/foo/metadata"],
		["POST", "/v1/models/foo/label/some_label:regress"],
		["POST", "/v1/models/foo/versions/50/labels/some_label:regress"],
		["POST", "/v1/models/foo/versions/some_label:regress"],
		["GET", "/v1/models/foo/versions/HELLO"],
	])("calls %s %s malformed, as upstream does", (method, path) => {
		expect(parseTarget(method, path).kind).toBe("malformed");
	});

	test.each([
		["HEAD", "/v1/models/foo"],
		["PUT", "/v1/models/foo"],
		["DELETE", "/v1/models/foo/versions/1"],
		["POST", "/v1/models/foo"],
		["POST", "/v1/models/foo:PREDICT"],
		["POST", "/v1/models/foo:predict/"],
		["POST", "/v1/models/foo:explain"],
		["POST", "/v1/models/:predict"],
		["POST", "/v1/models/foo\n:predict "],
		["GET", "/v1/"],
		["GET", "/v1/models/"],
		["GET", "/v1/models/foo/"],
		["GET", "/v1/models/foo/metadata/"],
		["GET", "/v1/models/foo/versions/1/labels/a"],
	])("calls %s %j malformed", (method, path) => {
		expect(parseTarget(method, path).kind).toBe("malformed");
	});

	test.each([
		["/v1/models/m:predict", { verb: "predict", model: "m" }],
		["/V1/Models/m:regress", { verb: "regress", model: "m" }],
		[
			"/v1/models/m/versions/123:classify",
			{ verb: "classify", model: "m", choice: { version: 123n } },
		],
		[
			"/v1/models/m/versions/00123:predict",
			{ verb: "predict", model: "m", choice: { version: 123n } },
		],
		[
			"/v1/models/m/LABELS/a b:predict",
			{ verb: "predict", model: "m", choice: { label: "a b" } },
		],
	])("reads the call POST %s", (path, target) => {
		expect(parseTarget("POST", path)).toEqual({ kind: "call", ...target });
	});

	test.each([
		["/v1/models/m", { kind: "status", model: "m" }],
		[
			"/v1/models/m/versions/7",
			{ kind: "status", model: "m", choice: { version: 7n } },
		],
		[
			"/v1/models/m/labels/x",
			{ kind: "status", model: "m", choice: { label: "x" } },
		],
		["/v1/models/m/metadata", { kind: "metadata", model: "m" }],
		[
			"/v1/models/m/versions/7/metadata",
			{ kind: "metadata", model: "m", choice: { version: 7n } },
		],
		["/v1/models/metadata", { kind: "status", model: "metadata" }],
		// the pattern knows no case, the word behind it does
		["/v1/models/m/METADATA", { kind: "status", model: "m" }],
		["/v1/models", { kind: "models" }],
		["/v1/models/versions/3", { kind: "noModel" }],
		["/v1/models/labels/x/metadata", { kind: "noModel" }],
	])("reads GET %s", (path, target) => {
		expect(parseTarget("GET", path)).toEqual(target);
	});

	test("decodes names of models and labels as curl does", () => {
		const encoded =
			"modelname%21%23%24%25%26%27%28%29%2A%2B%2C%2F%3A%3B%3D%3F%40%5B%5D";
		const decoded = "modelname!#$%&'()*+,/:;=?@[]";
		expect(
			parseTarget("POST", `/v1/models/${encoded}/labels/${encoded}:predict`),
		).toEqual({
			kind: "call",
			verb: "predict",
			model: decoded,
			choice: { label: decoded },
		});
	});

	test.each([
		["a+b", "a+b"],
		["100%", "100%"],
		["%zz%4", "%zz%4"],
		["%c3%A9", "é"],
		["é%21", "é!"],
		// not UTF-8
		["%ff", "\ufffd"],
	])("decodes %s as %s", (encoded, decoded) => {
		expect(parseTarget("GET", `/v1/models/${encoded}`)).toEqual({
			kind: "status",
			model: decoded,
		});
	});

	test.each([
		["by one", "9223372036854775808"],
		["as in upstream's test", "18446744073709551615"],
		["by far", "1".repeat(5000)],
	])("tells a version that is larger than an int64 %s", (_, digits) => {
		const path = `/v1/models/m/versions/${digits}:regress`;
		expect(parseTarget("POST", path)).toEqual({
			kind: "versionOverflow",
			digits,
		});
	});

	test("takes the largest int64", () => {
		expect(
			parseTarget("GET", "/v1/models/m/versions/9223372036854775807"),
		).toMatchObject({
			choice: { version: 9223372036854775807n },
		});
	});
});
