import { expect, test } from "vitest";
import { loadProgram } from "../../../src/lib/engines/index.js";
import type { Program } from "../../../src/lib/graph/ir.js";
import { PASSES } from "../../../src/lib/passes/index.js";
import { replaceSignBits } from "../../../src/lib/passes/patterns/sign-bit.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import { constantOf, node, program } from "../graph/programs.js";

const INT = { T: "int32" };

/** `keras.ops.signbit(x)`, with another mask or limit. */
function signBits(mask = -(2 ** 31), limit = 0): Program {
	const scalar = (name: string, value: number) =>
		constantOf(name, tensorFromNumbers("int32", [], [value]));
	return program(
		[-1],
		[
			scalar("mask", mask),
			scalar("limit", limit),
			node("bits", "Bitcast", ["input:x"], { T: "float32", type: "int32" }),
			node("sign", "BitwiseAnd", ["bits:0", "mask:0"], INT),
			node("below", "Less", ["sign:0", "limit:0"], INT),
		],
		"below:0",
	);
}

const ops = ({ nodes }: Program) => nodes.map(({ op }) => op);

test("replaceSignBits() asks a number and its inverse instead of its bits", async () => {
	const after = PASSES.reduce((it, { pass }) => pass(it), signBits());
	expect(ops(after)).not.toContain("Bitcast");
	const session = await loadProgram(
		{ ...after, outputs: [{ ...after.outputs[0], dtype: "bool" }] },
		"onnx",
		{ workers: 0 },
	);
	const x = [1, -1, 0, -0, Infinity, -Infinity, 1e-45, -1e-45];
	const { y } = await session.run({
		x: tensorFromNumbers("float32", [x.length], x),
	});
	await session.close();
	expect([...(y.data as Uint8Array)]).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
});

test("replaceSignBits() leaves other masks and limits alone", () => {
	for (const other of [signBits(1), signBits(-(2 ** 31), 1)])
		expect(ops(replaceSignBits(other))).toContain("Bitcast");
});
