import { describe, expect, test } from "vitest";
import { fail } from "../../../src/lib/errors.js";
import type { Attrs } from "../../../src/lib/graph/ir.js";
import { hostRow } from "../../../src/lib/host/index.js";
import { type HostValue, tensorOf } from "../../../src/lib/host/value.js";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import { toBfloat16, toFloat16 } from "../../../src/lib/tensor/half.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import type { Tensor } from "../../../src/lib/tensor/tensor.js";
import { floats, int, ints } from "../../one-node.js";
import { strings } from "./examples.js";
import { aRun } from "./steps.js";

type Body = (...inputs: readonly HostValue[]) => readonly HostValue[];

/** What a node of control flow gives whose bodies are these. */
async function control(
	op: string,
	inputs: readonly HostValue[],
	attrs: Attrs,
	bodies: Readonly<Record<string, Body>>,
): Promise<readonly HostValue[]> {
	const row = hostRow({ op }, []);
	if (typeof row !== "object") throw new Error(`${op} is no step`);
	const node = { name: "site", op, inputs: [], outputs: [], attrs };
	const call = async (name: string, given: readonly HostValue[]) =>
		bodies[name](...given);
	return row.step(node, inputs, { ...aRun(), call });
}

const number = (value: HostValue) => Number(tensorOf(value).data[0]);
const scalar = (dtype: DType, value: number) =>
	tensorFromNumbers(dtype, [], [value]);
const half = (dtype: DType, data: Uint16Array): Tensor => ({
	dtype,
	shape: [],
	data,
});
const text = (value: string): Tensor => ({ ...strings(value), shape: [] });

// tensorflow/core/kernels/functional_ops.cc, ToBool
test.each<[string, Tensor, boolean]>([
	["true", scalar("bool", 1), true],
	["false", scalar("bool", 0), false],
	["-1", scalar("int64", -1), true],
	["0n", scalar("int64", 0), false],
	["NaN", scalar("float32", Number.NaN), true],
	["-0", scalar("float32", -0), false],
	["a half of -0", half("float16", toFloat16(Float32Array.of(-0))), false],
	["a half of 1", half("float16", toFloat16(Float32Array.of(1))), true],
	["-0", half("bfloat16", toBfloat16(Float32Array.of(-0))), false],
	["text", text("0"), true],
	["empty text", text(""), false],
	["a row of false", tensorFromNumbers("bool", [1], [0]), true],
	["no row", ints(), false],
])(
	"%s decides a branch as TensorFlow reads it",
	async (_, predicate, wanted) => {
		const [chosen] = await control(
			"If",
			[predicate, int(5)],
			{ then_branch: { function: "yes" }, else_branch: { function: "no" } },
			{ yes: (x) => [x], no: () => [int(-1)] },
		);
		expect(number(chosen)).toBe(wanted ? 5 : -1);
	},
);

test.each([
	[0, 10],
	[1, 11],
	[2, 11],
	[-1, 11],
])(
	"branch %i of two is chosen by its number, or the last",
	async (index, wanted) => {
		const branches = ["first", "last"].map((name) => ({ function: name }));
		const bodies = { first: () => [int(10)], last: () => [int(11)] };
		const [chosen] = await control("Case", [int(index)], { branches }, bodies);
		expect(number(chosen)).toBe(wanted);
	},
);

describe("a loop", () => {
	const LOOP: Attrs = {
		cond: { function: "cond" },
		body: { function: "body" },
		T: ["int32", "float32"],
		output_shapes: [{ dims: [] }, { dims: [-1, 2] }],
	};
	const below = (limit: number) => (i: HostValue) => [
		scalar("bool", Number(number(i) < limit)),
	];
	/** Counts, and gives a row of every round. */
	const counted: Body = (i) => [
		int(number(i) + 1),
		floats([2], [number(i), number(i) * 10]),
	];

	test("stacks what every round gives beside its state", async () => {
		const bodies = { cond: below(3), body: counted };
		const [last, rows] = await control("While", [int(0)], LOOP, bodies);
		expect(number(last)).toBe(3);
		expect(rows).toEqual(floats([3, 2], [0, 0, 1, 10, 2, 20]));
	});

	test("of no round gives its start back, and no rows", async () => {
		const bodies = { cond: below(0), body: counted };
		const [last, rows] = await control("While", [int(7)], LOOP, bodies);
		expect(number(last)).toBe(7);
		expect(rows).toEqual(floats([0, 2], []));
	});

	test("says at which row its body refuses, and leaves other failures as they are", async () => {
		const failing = (code: "INVALID" | "BUG") => ({
			cond: below(9),
			body: (i: HostValue) => {
				if (number(i) === 2) throw fail(code, "cannot decode it");
				return [int(number(i) + 1)];
			},
		});
		const run = (code: "INVALID" | "BUG") =>
			control("While", [int(0)], LOOP, failing(code));
		await expect(run("INVALID")).rejects.toMatchObject({
			code: "INVALID",
			message: "cannot decode it, at row 2 of the loop",
			at: { node: "site", op: "While" },
		});
		await expect(run("BUG")).rejects.toThrow(/^cannot decode it$/);
	});
});
