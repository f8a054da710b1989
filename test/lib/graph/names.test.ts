import { expect, test } from "vitest";
import { Names } from "../../../src/lib/graph/names.js";

test("a name that is taken gets a number, and never one that is taken too", () => {
	const names = new Names();
	const wanted = ["a", "a__1", "a", "a", "a__1", "b"];
	expect(wanted.map((name) => names.take(name))).toEqual([
		"a",
		"a__1",
		"a__2",
		"a__3",
		"a__1__1",
		"b",
	]);
});
