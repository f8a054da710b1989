import { expect, test } from "vitest";
import {
	GraphState,
	type VariableHandle,
} from "../../../src/lib/graph/state.js";

const HANDLE: VariableHandle = {
	key: "steps",
	dtype: "int64",
	shape: [],
	isReference: false,
};

test("a variable that is read before it is set comes from outside, by one input however often it is read", () => {
	const state = new GraphState("loop/");
	const value = state.read(HANDLE);
	expect(state.read(HANDLE)).toBe(value);
	expect(state.entry(HANDLE)).toEqual({
		name: "variable:steps",
		value,
		dtype: "int64",
		shape: [],
	});
	expect(state.hasEntry("steps")).toBe(true);
	expect([...state.written]).toEqual([]);
});

test("a variable that is set before it is read asks nothing of outside", () => {
	const state = new GraphState("");
	state.write(HANDLE, "sum:0");
	expect(state.read(HANDLE)).toBe("sum:0");
	expect(state.hasEntry("steps")).toBe(false);
	expect([...state.written]).toEqual(["steps"]);
});

test("a graph gives back the last value, or the one that it was given where it sets none", () => {
	const state = new GraphState("");
	const before = state.read(HANDLE);
	expect(state.exit(HANDLE).value).toBe(before);
	state.write(HANDLE, "one:0");
	state.write(HANDLE, "two:0");
	expect(state.exit(HANDLE)).toMatchObject({
		name: "variable:steps",
		value: "two:0",
	});
});

test("graphs call the values of one variable differently, so that all are unique in a Program", () => {
	const values = ["", "then/", "else/"].map((prefix) =>
		new GraphState(prefix).read(HANDLE),
	);
	expect(new Set(values).size).toBe(3);
});
