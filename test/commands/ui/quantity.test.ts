import { expect, test } from "vitest";
import {
	showBytes,
	showCount,
	showNumberOf,
} from "../../../src/commands/ui/quantity.js";

test("showCount() groups thousands", () => {
	expect([0, 999, 1000, 25636712].map(showCount)).toEqual([
		"0",
		"999",
		"1,000",
		"25,636,712",
	]);
	expect(showNumberOf(1, "node")).toBe("1 node");
	expect(showNumberOf(2000, "node")).toBe("2,000 nodes");
});

test.each([
	[0, "0 B"],
	[999, "999 B"],
	[1000, "1.0 kB"],
	[1949, "1.9 kB"],
	[99_949, "99.9 kB"],
	[99_951, "100 kB"],
	[999_600, "1.0 MB"],
	[102_546_848, "103 MB"],
	[5e15, "5.0 PB"],
])("showBytes(%d) is %s", (bytes, expected) => {
	expect(showBytes(bytes)).toBe(expected);
});
