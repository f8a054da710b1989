import { fail } from "../../../errors.js";
import { inferTypes } from "../../../graph/infer.js";
import type { Graph, Node, Program, ValueName } from "../../../graph/ir.js";
import { hostRow } from "../../../host/index.js";
import type { HostRow, HostRun } from "../../../host/kernel.js";
import {
	asHostValue,
	elementsOf,
	type HostValue,
	isOpaque,
	tensorOf,
} from "../../../host/value.js";
import { prepareProgram } from "../../../passes/bodies.js";
import { PASSES } from "../../../passes/index.js";
import type { Tensors } from "../../../tensor/tensor.js";
import type { Opened } from "../../target.js";
import { PLAIN_KERNELS } from "./kernels.js";

/** Nothing is fused: a mistake in that would be seen too. */
const PLAIN_PASSES = PASSES.filter(({ name }) =>
	["prune", "forward", "expand"].includes(name),
);

/** How many numbers a run may make and multiply altogether: some seconds in plain loops. */
const MAX_STEPS = 4e8;

/** Operations that multiply each pixel or row with all weights. */
const PRODUCTS: ReadonlySet<string> = new Set([
	"BatchMatMul",
	"BatchMatMulV2",
	"BatchMatMulV3",
	"Conv2D",
	"Conv3D",
	"DepthwiseConv2dNative",
	"MatMul",
]);

/**
 * Runs a program node by node with kernels in TypeScript: slow, and nothing of it is that of a runtime or a target. Fails with
 * UNSUPPORTED for a node without a kernel, and where the model is too large for that.
 */
export function openInterpreter(program: Program): Opened {
	const prepared = prepareProgram(program, PLAIN_PASSES);
	const interpreter = new Interpreter(prepared);
	let initialized: Promise<unknown> | undefined;
	return {
		run: async (inputs) => {
			initialized ??= interpreter.graph(prepared.initializer, []);
			await initialized;
			return interpreter.run(inputs);
		},
		close: async () => undefined,
	};
}

/** Has a lifetime: one program, whose tables it keeps. */
class Interpreter {
	readonly #program: Program;
	readonly #resources = new Map<string, object>();
	readonly #host: HostRun = {
		call: (name, inputs) => {
			const body = this.#program.functions.get(name);
			if (body === undefined) throw fail("BUG", `there is no body "${name}"`);
			return this.graph(body, inputs);
		},
		resource: <T extends object>(key: string, make: () => T): T => {
			const known = this.#resources.get(key) ?? make();
			this.#resources.set(key, known);
			return known as T;
		},
	};
	#steps = 0;

	constructor(program: Program) {
		this.#program = program;
	}

	async run(inputs: Tensors): Promise<Tensors> {
		this.#steps = 0;
		const { inputs: taken, outputs } = this.#program;
		const made = await this.graph(
			this.#program,
			taken.map(({ name }) => inputs[name]),
		);
		return Object.fromEntries(
			outputs.map(({ name }, i) => [name, tensorOf(made[i])]),
		);
	}

	async graph(
		graph: Graph,
		inputs: readonly HostValue[],
	): Promise<readonly HostValue[]> {
		const types = inferTypes(graph);
		const values = new Map<ValueName, HostValue>(
			graph.inputs.map(({ value }, i) => [value, inputs[i]]),
		);
		const held = (name: ValueName): HostValue => {
			const known = values.get(name) ?? types.constant(name);
			if (known === undefined) throw fail("BUG", `nothing made "${name}"`);
			values.set(name, known);
			return known;
		};
		for (const node of graph.nodes) {
			if (types.constantOf(node.outputs[0]) !== undefined) continue;
			const made = await this.#node(node, node.inputs.map(held));
			for (const [i, name] of node.outputs.entries()) values.set(name, made[i]);
		}
		return graph.outputs.map(({ value }) => held(value));
	}

	async #node(
		node: Node,
		inputs: readonly HostValue[],
	): Promise<readonly HostValue[]> {
		this.#spend(stepsOf(node, inputs));
		const row = rowOf(node, inputs);
		const made =
			typeof row === "function"
				? row(node, inputs.map(elementsOf))?.map(asHostValue)
				: await row?.step(node, inputs, this.#host);
		if (made === undefined)
			throw fail("UNSUPPORTED", `no kernel computes ${node.op} here`, {
				at: { node: node.name, op: node.op },
			});
		for (const value of made)
			if (!isOpaque(value)) this.#spend(value.data.length);
		return made;
	}

	#spend(steps: number): void {
		this.#steps += steps;
		if (this.#steps > MAX_STEPS)
			throw fail(
				"UNSUPPORTED",
				"the model is too large to be run node by node",
			);
	}
}

function stepsOf({ op }: Node, [x, weights]: readonly HostValue[]): number {
	if (!PRODUCTS.has(op) || isOpaque(x) || isOpaque(weights)) return 0;
	return (x.data.length / (x.shape.at(-1) || 1)) * weights.data.length;
}

function rowOf(node: Node, inputs: readonly HostValue[]): HostRow | undefined {
	return (
		hostRow(
			node,
			inputs.map(({ dtype }) => dtype),
		) ?? PLAIN_KERNELS[node.op]
	);
}
