import { expect, test } from "vitest";
import type { EngineOptions } from "../../../src/lib/engines/engine.js";
import { loadProgram } from "../../../src/lib/engines/index.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import type { Tensor } from "../../../src/lib/tensor/tensor.js";
import { constant, node, program } from "../graph/programs.js";

const doubled = () =>
	program(
		[-1],
		[
			constant("two", [], [2]),
			node("twice", "Mul", ["input:x", "two:0"], { T: "float32" }),
		],
		"twice:0",
	);
const floats = (...values: number[]): Tensor =>
	tensorFromNumbers("float32", [values.length], values);
const numbers = ({ data }: Tensor) => Array.from(data as Float32Array);

test.each<EngineOptions>([
	{ workers: 0 },
	{ workers: 1 },
	{ workers: 2, threads: 1 },
])("engine onnx runs a program with %j", async (options) => {
	const session = await loadProgram(doubled(), "onnx", options);
	try {
		const answers = await Promise.all(
			[1, 2, 3, 4].map((value) => session.run({ x: floats(value, -value) })),
		);
		expect(answers.map(({ y }) => numbers(y))).toEqual(
			[1, 2, 3, 4].map((value) => [2 * value, -2 * value]),
		);
	} finally {
		await session.close();
	}
});

test("engine onnx does not send more of a buffer than the tensor that lies in it", async () => {
	const session = await loadProgram(doubled(), "onnx", { workers: 1 });
	try {
		const buffer = new Float32Array(10_000).fill(7);
		const part: Tensor = {
			dtype: "float32",
			shape: [3],
			data: buffer.subarray(5, 8),
		};
		const { y } = await session.run({ x: part });
		expect(numbers(y)).toEqual([14, 14, 14]);
		// the rest of the buffer is the caller's still
		expect(buffer).toHaveLength(10_000);
	} finally {
		await session.close();
	}
});

test("engine onnx answers a constant time and again, as answers leave their thread", async () => {
	const large = Array.from({ length: 2_000 }, (_, i) => i);
	const fixed = program([-1], [constant("large", [2_000], large)], "large:0");
	const session = await loadProgram(fixed, "onnx", { workers: 1 });
	try {
		for (let i = 0; i < 3; i++) {
			const { y } = await session.run({ x: floats(1) });
			expect(numbers(y)).toEqual(large);
		}
	} finally {
		await session.close();
	}
});

test("engine onnx says all operations that it lacks at once, with their counts and first nodes", async () => {
	const strange = program(
		[2],
		[
			node("a/one", "FrobnicateV2", ["input:x"]),
			node("a/two", "FrobnicateV2", ["a/one:0"]),
			node("b", "Grommet", ["a/two:0"]),
		],
		"b:0",
	);
	const refusal = loadProgram(strange, "auto");
	await expect(refusal).rejects.toMatchObject({ code: "UNSUPPORTED" });
	await expect(refusal).rejects.toThrow(
		/FrobnicateV2 \(2 times, first at node "a\/one".*Grommet \(once, first at node "b"/,
	);
});

test("loadProgram() offers the engines that exist", async () => {
	await expect(loadProgram(doubled(), "onx")).rejects.toThrow(
		'cannot use engine "onx": the engines are "onnx"',
	);
});

test("a run that is under way when its session closes fails with NOT_READY", async () => {
	const session = await loadProgram(doubled(), "onnx", { workers: 1 });
	const running = session
		.run({ x: floats(1) })
		.catch((error: unknown) => error);
	await session.close();
	const late = await session
		.run({ x: floats(1) })
		.catch((error: unknown) => error);
	expect(late).toMatchObject({ code: "NOT_READY" });
	// it may have been faster than the closing
	const first = await running;
	expect(first instanceof Error ? first : { code: "NOT_READY" }).toMatchObject({
		code: "NOT_READY",
	});
});

test("an error inside a worker is that run's alone", async () => {
	const matrix = program(
		[-1, 2],
		[
			constant("w", [2, 1], [1, 1]),
			node("product", "MatMul", ["input:x", "w:0"], {
				T: "float32",
				transpose_a: false,
				transpose_b: false,
			}),
		],
		"product:0",
	);
	const session = await loadProgram(matrix, "onnx", { workers: 1 });
	try {
		await expect(
			session.run({ x: tensorFromNumbers("float32", [1, 3], [1, 2, 3]) }),
		).rejects.toThrow();
		const { y } = await session.run({
			x: tensorFromNumbers("float32", [1, 2], [1, 2]),
		});
		expect(numbers(y)).toEqual([3]);
	} finally {
		await session.close();
	}
});

test("an output may be an input itself, twice", async () => {
	const same = program([-1], [], "input:x");
	const session = await loadProgram(
		{ ...same, outputs: [same.outputs[0], { ...same.outputs[0], name: "x" }] },
		"onnx",
		{ workers: 0 },
	);
	const answer = await session.run({ x: floats(5) });
	expect([numbers(answer.y), numbers(answer.x)]).toEqual([[5], [5]]);
	await session.close();
});

test("strings pass with every byte", async () => {
	const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
	const session = await loadProgram(
		program([-1], [], "input:x", "string"),
		"onnx",
		{ workers: 1 },
	);
	const { y } = await session.run({
		x: { dtype: "string", shape: [2], data: [bytes, new Uint8Array(0)] },
	});
	expect((y.data as readonly Uint8Array[]).map((value) => [...value])).toEqual([
		[...bytes],
		[],
	]);
	await session.close();
});
