import { expect, test } from "vitest";
import { dependenciesFirst } from "../../../src/lib/graph/order.js";

test("dependenciesFirst() puts everything after what it depends on", () => {
	const graph: Record<string, string[]> = {
		a: ["b", "c"],
		b: ["d"],
		c: ["d"],
		d: [],
	};
	expect(dependenciesFirst(["a"], (node) => graph[node])).toEqual([
		"d",
		"b",
		"c",
		"a",
	]);
});

test("dependenciesFirst() leaves out what no root needs", () => {
	const graph: Record<string, string[]> = { a: ["b"], b: [], unused: ["b"] };
	expect(dependenciesFirst(["a"], (node) => graph[node])).toEqual(["b", "a"]);
});

test("dependenciesFirst() does not follow the back edge of a loop", () => {
	const graph: Record<string, string[]> = { merge: ["next"], next: ["merge"] };
	expect(dependenciesFirst(["merge"], (node) => graph[node])).toEqual([
		"next",
		"merge",
	]);
});

test("dependenciesFirst() orders a chain of 200,000 without overflowing the stack", () => {
	const ordered = dependenciesFirst([199_999], (node) =>
		node === 0 ? [] : [node - 1],
	);
	expect(ordered.slice(0, 3)).toEqual([0, 1, 2]);
	expect(ordered).toHaveLength(200_000);
});
