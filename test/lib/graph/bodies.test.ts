import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { NodeDefSchema } from "../../../src/gen/graph_pb.js";
import {
	type Body,
	bodyNames,
	CONTROL_FORMS,
	closeBodies,
	mapFunctions,
} from "../../../src/lib/graph/bodies.js";
import type { Attrs } from "../../../src/lib/graph/ir.js";
import {
	GraphState,
	type VariableHandle,
} from "../../../src/lib/graph/state.js";
import { graph } from "./graphs.js";

const COUNTER: VariableHandle = {
	key: "counter",
	dtype: "int64",
	shape: [],
	isReference: false,
};
const HANDLES = new Map([["handle:0", COUNTER]]);

/** A body that takes the counter's handle and x, and gives x back, behind the handle in a loop; it sets the counter to `sets`. */
function body(prefix: string, sets?: string, isLoop = false): Body {
	const state = new GraphState(`${prefix}/`);
	state.read(COUNTER);
	if (sets !== undefined) state.write(COUNTER, sets);
	const handle = [`${prefix}/handle`, "resource", []] as const;
	const x = [`${prefix}/x`, "float32"] as const;
	return { ...graph([handle, x], [], isLoop ? [handle, x] : [x]), state };
}

function close(op: string, attrs: Attrs, bodies: Record<string, Body>) {
	const form = CONTROL_FORMS[op];
	const inputs = ["handle:0", "x:0"];
	const site = {
		name: "site",
		node: create(NodeDefSchema, { name: "site", op }),
		inputs: form?.kind === "loop" ? inputs : ["which:0", ...inputs],
		attrs,
		count: form?.kind === "loop" ? 2 : 1,
	};
	return closeBodies(
		site,
		form,
		attrs,
		new Map(Object.entries(bodies)),
		HANDLES,
	);
}

const BRANCH: Attrs = {
	Tin: ["resource", "float32"],
	Tout: ["float32"],
	output_shapes: [{ dims: [2] }],
};
const LOOP: Attrs = {
	T: ["resource", "float32"],
	output_shapes: [{ dims: [] }, { dims: [2] }],
	cond: { function: "cond" },
	body: { function: "body" },
};

test("a branch that sets a variable gives its value back, and so does the one that does not", () => {
	const closed = close("If", BRANCH, {
		setting: body("setting", "more:0"),
		reading: body("reading"),
	});
	expect(closed.inputs).toEqual(["which:0", "x:0"]);
	expect(closed.attrs).toMatchObject({
		Tin: ["float32", "int64"],
		Tout: ["float32", "int64"],
		output_shapes: [{ dims: [2] }, { dims: [] }],
	});
	expect(closed.passed).toEqual([COUNTER]);
	expect(closed.returned).toEqual([COUNTER]);
	const last = (name: string) => closed.bodies.get(name)?.outputs.at(-1)?.value;
	expect(last("setting")).toBe("more:0");
	expect(last("reading")).toBe(
		closed.bodies.get("reading")?.inputs.at(-1)?.value,
	);
});

test("branches that only read a variable are given its value and return none", () => {
	const { passed, returned, bodies } = close("If", BRANCH, {
		one: body("one"),
		two: body("two"),
	});
	expect([passed, returned]).toEqual([[COUNTER], []]);
	expect(bodies.get("one")?.outputs).toHaveLength(1);
});

test("a loop carries a variable's value in the handle's stead, and the handle is that from around it", () => {
	const closed = close("While", LOOP, {
		cond: body("cond", undefined, true),
		body: body("body", "more:0", true),
	});
	expect(closed.inputs).toEqual(["x:0"]);
	expect(closed.attrs.T).toEqual(["float32", "int64"]);
	expect([...closed.forwarded]).toEqual([[0, "handle:0"]]);
	expect(closed.bodies.get("body")?.outputs.map(({ value }) => value)).toEqual([
		"body/x",
		"more:0",
	]);
});

test("a loop whose condition sets a variable is refused, the variable named", () => {
	const bodies = { cond: body("cond", "more:0"), body: body("body", "", true) };
	expect(() => close("While", LOOP, bodies)).toThrow(
		expect.objectContaining({
			code: "UNSUPPORTED",
			message: expect.stringContaining("counter"),
		}),
	);
});

test("the functions of attributes are found and changed alone and in lists", () => {
	const attrs: Attrs = {
		T: "float32",
		cond: { function: "c" },
		branches: [{ function: "a" }, { function: "b" }],
	};
	expect(bodyNames({ attrs })).toEqual(["c", "a", "b"]);
	expect(
		mapFunctions(attrs, (key, of) => ({ function: `${key}:${of.function}` })),
	).toEqual({
		T: "float32",
		cond: { function: "cond:c" },
		branches: [{ function: "branches0:a" }, { function: "branches1:b" }],
	});
});
