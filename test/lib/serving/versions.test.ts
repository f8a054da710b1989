import { describe, expect, test } from "vitest";
import {
	parseVersionPolicy,
	type VersionPolicy,
} from "../../../src/lib/serving/versions.js";

describe("parseVersionPolicy()", () => {
	test.each<[string, VersionPolicy]>([
		["2", { latest: 2 }],
		["all", "all"],
		["1,3", { specific: [1n, 3n] }],
		["7,", { specific: [7n] }],
		["9223372036854775807,0", { specific: [9223372036854775807n, 0n] }],
	])("reads $0", (text, policy) => {
		expect(parseVersionPolicy(text)).toEqual(policy);
	});

	test.each([
		"",
		",",
		"0",
		"-1",
		"1.5",
		"one",
		"1,two",
		"9223372036854775808,",
	])('rejects "%s"', (text) => {
		expect(() => parseVersionPolicy(text)).toThrowError(
			expect.objectContaining({ code: "INVALID" }),
		);
	});
});
