import { fail } from "../errors.js";
import type { Graph, Program, ValueName } from "./ir.js";

/** Verifies the invariants of `ir.ts`, for the program, every body of control flow and the initializer. Fails with BUG, naming the culprit. */
export function checkProgram(program: Program): void {
	checkGraph(program);
	for (const body of program.functions.values()) checkGraph(body);
	checkGraph(program.initializer);
}

export function checkGraph(graph: Graph): void {
	const values = new Set<ValueName>();
	const names = new Set<string>();
	for (const port of graph.inputs)
		declare(values, port.value, `input "${port.name}"`);
	for (const node of graph.nodes) {
		if (names.has(node.name))
			throw fail("BUG", `two nodes are called "${node.name}"`);
		names.add(node.name);
		for (const input of node.inputs)
			if (!values.has(input))
				throw fail(
					"BUG",
					`node "${node.name}" (${node.op}) uses value "${input}", which nothing before it makes`,
				);
		for (const output of node.outputs)
			declare(values, output, `node "${node.name}"`);
	}
	for (const port of graph.outputs)
		if (!values.has(port.value))
			throw fail(
				"BUG",
				`output "${port.name}" is value "${port.value}", which nothing makes`,
			);
}

function declare(values: Set<ValueName>, value: ValueName, by: string): void {
	if (values.has(value))
		throw fail("BUG", `${by} makes value "${value}", which exists already`);
	values.add(value);
}
