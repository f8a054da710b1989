import { create } from "@bufbuild/protobuf";
import { expect, test, vi } from "vitest";
import { NodeDefSchema } from "../../../src/gen/graph_pb.js";
import { MetaGraphDefSchema } from "../../../src/gen/saved_model_pb.js";
import { loadProgram } from "../../../src/lib/engines/index.js";
import { buildProgram } from "../../../src/lib/graph/build.js";
import { Dataflow } from "../../../src/lib/graph/dataflow/edges.js";
import { DTYPES, type DType } from "../../../src/lib/tensor/dtype.js";
import { int } from "../../one-node.js";

// What graphs mean is said in "Implementation of Control Flow in TensorFlow" (2017); all numbers are worked out by hand.

/** One node a line: `name = Op(inputs)`, an int32 constant `name = 5`; `-> float32` is its element type, `@frame` of an Enter. */
function nodeDef(line: string) {
	const [, name, op, inputs = "", dtype = "int32", frame = ""] =
		/^(\S+) = (\w+)(?:\((.*?)\))?(?: -> (\w+))?(?: @(\w+))?$/.exec(
			line.trim(),
		) ?? [];
	const isConst = /^\d/.test(op);
	const number = DTYPES[dtype as DType].tf;
	const type = { value: { case: "type" as const, value: number } };
	const tensor = { dtype: number, tensorShape: {}, intVal: [Number(op)] };
	return create(NodeDefSchema, {
		name,
		op: isConst ? "Const" : op,
		input: inputs === "" ? [] : inputs.split(", "),
		attr: {
			T: type,
			dtype: type,
			...(isConst && { value: { value: { case: "tensor", value: tensor } } }),
			frame_name: {
				value: { case: "s", value: new TextEncoder().encode(frame) },
			},
		},
	});
}

const INPUTS = `
	k = Placeholder
	x = Placeholder
	zero = 0
	two = 2
	k_positive = Greater(k, zero)
	k_large = Greater(k, two)`;

function programOf(text: string, outputs: readonly string[]) {
	const node = (INPUTS + text).trim().split("\n").map(nodeDef);
	const port = (name: string) => ({
		name,
		tensorName: name,
		dtype: "int32" as const,
		shape: [],
	});
	return buildProgram({
		model: { dir: "", file: "", metaGraphs: [] },
		metaGraph: create(MetaGraphDefSchema, { graphDef: { node } }),
		signature: {
			key: "test",
			methodName: "",
			inputs: [port("k"), port("x")],
			outputs: outputs.map(port),
			defaults: new Map(),
		},
		variables: new Map(),
	});
}

/** The outputs for k and x. */
async function run(
	text: string,
	outputs: readonly string[],
	k: number,
	x: number,
) {
	const session = await loadProgram(programOf(text, outputs), "auto", {
		workers: 0,
	});
	const made = await session.run({ k: int(k), x: int(x) });
	await session.close();
	return outputs.map((name) => Number(made[name].data[0]));
}

/** `if (predicate) then(x, 1) else otherwise(x, 2)`, as `tf.cond` writes it. */
const cond = (
	name: string,
	predicate: string,
	x: string,
	then: string,
	otherwise: string,
) => `
	${name}/pivot = Switch(${predicate}, ${predicate}) -> bool
	${name}/t = Identity(${name}/pivot:1) -> bool
	${name}/f = Identity(${name}/pivot) -> bool
	${name}/pred = Identity(${predicate}) -> bool
	${name}/s = Switch(${x}, ${name}/pred)
	${name}/1 = 1(^${name}/t)
	${name}/2 = 2(^${name}/f)
	${name}/then = ${then}(${name}/s:1, ${name}/1)
	${name}/else = ${otherwise}(${name}/s, ${name}/2)
	${name} = Merge(${name}/else, ${name}/then)`;

/** `for (i = 0; i < k; i++) y = op(y, x)`, from y = x. */
const LOOP = `
	i0 = Enter(zero) @f
	y0 = Enter(x) @f
	k0 = Enter(k) @f
	x0 = Enter(x) @f
	i = Merge(i0, i_next)
	y = Merge(y0, y_next)
	less = Less(i, k0)
	go = LoopCond(less) -> bool
	i_s = Switch(i, go)
	y_s = Switch(y, go)
	step = 1(^i_body)
	i_body = Identity(i_s:1)
	i_plus = AddV2(i_body, step)
	y_plus = AddV2(y_s:1, x0)
	i_next = NextIteration(i_plus)
	y_next = NextIteration(y_plus)
	i_end = Exit(i_s)
	y_end = Exit(y_s)`;

test.each([
	[0, 5, [5, 0]],
	[3, 5, [20, 3]],
])(
	"a loop of %d times starts where it is entered and gives what leaves it",
	async (k, x, wanted) => {
		expect(await run(LOOP, ["y_end", "i_end"], k, x)).toEqual(wanted);
	},
);

test("a loop runs by the variables that decide its end, also where nobody asks for them", async () => {
	expect(await run(LOOP, ["y_end"], 2, 7)).toEqual([21]);
});

test.each([
	[1, 5, [6]],
	[-1, 5, [3]],
])(
	"with k = %d one branch of a conditional gives its value",
	async (k, x, wanted) => {
		const text = cond("y", "k_positive", "x", "AddV2", "Sub");
		expect(await run(text, ["y"], k, x)).toEqual(wanted);
	},
);

test.each([
	[1, [1]],
	[0, [0]],
])(
	"with k = %d a Merge says which of its inputs it took",
	async (k, wanted) => {
		const text = `${cond("y", "k_positive", "x", "AddV2", "Sub")}
	which = Identity(y:1)`;
		expect(await run(text, ["which"], k, 5)).toEqual(wanted);
	},
);

// b1 = a1 * 1 or a1 + 2, a1 = x + 1 or x - 2; a2 = b2 + 1 or b2 - 2, b2 = x * 1 or x + 2
test.each([
	[3, [6, 6]],
	[1, [8, 8]],
	[-1, [5, 5]],
])(
	"with k = %d conditionals by two predicates run in turns",
	async (k, wanted) => {
		const text = [
			cond("a1", "k_positive", "x", "AddV2", "Sub"),
			cond("b1", "k_large", "a1", "Mul", "AddV2"),
			cond("b2", "k_large", "x", "Mul", "AddV2"),
			cond("a2", "k_positive", "b2", "AddV2", "Sub"),
		].join("");
		expect(await run(text, ["b1", "a2"], k, 5)).toEqual(wanted);
	},
);

test.each([
	[
		"a value of one branch alone",
		"\n\ts = Switch(x, k_positive)\n\ty = Identity(s:1)",
		"s",
	],
	[
		"a Merge of two predicates",
		"\n\ts = Switch(x, k_positive)\n\tr = Switch(x, k_large)\n\ty = Merge(s, r:1)",
		"s|r|y",
	],
	[
		"a loop without a condition",
		"\n\te = Enter(x) @f\n\ty = Merge(e, n)\n\tn = NextIteration(y)",
		"e|y",
	],
])("%s is refused, by name", (_, text, node) => {
	expect(() => programOf(text, ["y"])).toThrow(
		expect.objectContaining({
			code: "UNSUPPORTED",
			message: expect.stringMatching(`of node "(${node})"`),
		}),
	);
});

test("twice as many loops and conditionals are structured by asking twice as often for edges", () => {
	const edgesAsked = (count: number) => {
		const loops = Array.from({ length: count }, (_, i) => {
			const x = i === 0 ? "x" : `end${i - 1}`;
			return `
	f${i}/enter = Enter(${x}) @f${i}
	f${i}/y = Merge(f${i}/enter, f${i}/next)
	f${i}/less = Less(f${i}/y, two)
	f${i}/go = LoopCond(f${i}/less) -> bool
	f${i}/switch = Switch(f${i}/y, f${i}/go)
	f${i}/one = 1(^f${i}/switch)
	f${i}/more = AddV2(f${i}/switch:1, f${i}/one)
	f${i}/next = NextIteration(f${i}/more)
	f${i}/exit = Exit(f${i}/switch)${cond(`end${i}`, i % 2 === 0 ? "k_positive" : "k_large", `f${i}/exit`, "AddV2", "Mul")}`;
		});
		const asked = vi.spyOn(Dataflow.prototype, "edges");
		programOf(loops.join(""), [`end${count - 1}`]);
		const { length } = asked.mock.calls;
		asked.mockRestore();
		return length;
	};
	expect(edgesAsked(40)).toBeLessThan(2.2 * edgesAsked(20));
});
