import { create } from "@bufbuild/protobuf";
import type { FunctionDef, FunctionDefLibrary } from "../../gen/graph_pb.js";
import {
	type SavedObjectGraph,
	type StructuredValue,
	StructuredValueSchema,
} from "../../gen/saved_model_pb.js";
import { byBytes } from "../../lib/savedmodel/signature.js";
import { pythonRepr, pythonStr, pythonType } from "./python.js";

/**
 * What saved_model_cli says of the functions that are children of the root object, without the heading
 * (python/tools/saved_model_cli.py, _show_defined_functions).
 */
export function compatFunctions(
	objects: SavedObjectGraph,
	library: FunctionDefLibrary | undefined,
): string {
	const loaded = loadOrder(library?.function ?? []);
	const children = (objects.nodes[0]?.children ?? [])
		.map(({ localName, nodeId }) => ({
			name: localName,
			functions: functionsOf(objects, nodeId),
		}))
		.sort((a, b) => byBytes(a.name, b.name));
	return children
		.filter(({ functions }) => functions !== undefined)
		.map(({ name, functions = [] }) => {
			const ordered = [...functions].sort(
				(a, b) => (loaded.get(a) ?? 0) - (loaded.get(b) ?? 0),
			);
			const options = ordered.map((key, i) =>
				showOption(
					objects.concreteFunctions[key]?.canonicalizedInputSignature,
					i + 1,
				),
			);
			return `\n  Function Name: '${name}'\n${options.join("")}`;
		})
		.join("");
}

/** Undefined for a child that is no function. */
function functionsOf(
	{ nodes }: SavedObjectGraph,
	id: number,
): readonly string[] | undefined {
	const kind = nodes[id]?.kind;
	if (kind?.case === "function") return kind.value.concreteFunctions;
	if (kind?.case === "bareConcreteFunction")
		return [kind.value.concreteFunctionName];
	return undefined;
}

/**
 * TensorFlow numbers functions anew as it loads them, callees first, and sorts by these names
 * (saved_model/function_deserialization.py, _sort_function_defs).
 */
function loadOrder(
	functions: readonly FunctionDef[],
): ReadonlyMap<string, number> {
	const names = new Set(functions.map(nameOf));
	const callers = new Map<string, string[]>();
	const missing = new Map<string, number>();
	for (const definition of functions) {
		const callees = calleesOf(definition, names);
		missing.set(nameOf(definition), callees.size);
		for (const callee of callees)
			callers.set(callee, [...(callers.get(callee) ?? []), nameOf(definition)]);
	}
	const ready = [...names].filter((name) => missing.get(name) === 0);
	const order = new Map<string, number>();
	for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
		order.set(name, order.size);
		for (const caller of callers.get(name) ?? []) {
			const left = (missing.get(caller) ?? 0) - 1;
			missing.set(caller, left);
			if (left === 0) ready.push(caller);
		}
	}
	return order;
}

function calleesOf(
	{ nodeDef }: FunctionDef,
	names: ReadonlySet<string>,
): Set<string> {
	const callees = new Set<string>();
	for (const { op, attr } of nodeDef) {
		if (names.has(op)) callees.add(op);
		for (const { value } of Object.values(attr)) {
			if (value.case === "func") callees.add(value.value.name);
			if (value.case === "list")
				for (const { name } of value.value.func) callees.add(name);
		}
	}
	return callees;
}

function nameOf({ signature }: FunctionDef): string {
	return signature?.name ?? "";
}

/** One way to call a function: a tuple of positional arguments and a dictionary of named ones. */
function showOption(
	signature: StructuredValue | undefined,
	number: number,
): string {
	const [positional, named] = itemsOf(signature);
	const args = itemsOf(positional);
	const keywords =
		named?.kind.case === "dictValue"
			? Object.keys(named.kind.value.fields).sort(byBytes)
			: [];
	const head =
		args.length === 0 ? "" : `    Option #${number}\n      Callable with:\n`;
	return (
		head +
		args.map((arg, i) => showArgument(arg, i + 1)).join("") +
		keywords
			.map((name, i) => `        Named Argument #${i + 1}\n          ${name}\n`)
			.join("")
	);
}

function itemsOf(value: StructuredValue | undefined): StructuredValue[] {
	const kind = value?.kind;
	return kind?.case === "tupleValue" || kind?.case === "listValue"
		? kind.value.values
		: [];
}

const INDENT = " ".repeat(10);

function showArgument(argument: StructuredValue, number: number): string {
	const { kind } = argument;
	const lines = [`        Argument #${number}`];
	if (kind.case === "stringValue") lines.push(`${INDENT}${kind.value}`);
	else if (
		kind.case === "tensorSpecValue" ||
		kind.case === "boundedTensorSpecValue"
	)
		lines.push(
			`${INDENT}${kind.value.name || "None"}: ${pythonRepr(argument)}`,
		);
	else
		lines.push(
			`${INDENT}DType: ${pythonType(argument)}`,
			`${INDENT}Value: ${showValue(argument)}`,
		);
	return lines.map((line) => `${line}\n`).join("");
}

/** Containers end with two backspaces, which upstream prints to take back the last comma. */
function showValue(argument: StructuredValue): string {
	const { kind } = argument;
	if (kind.case === "dictValue")
		return `{${Object.entries(kind.value.fields)
			.map(([key, value]) => `'${key}': ${withQuotes(value)}, `)
			.join("")}\b\b}`;
	if (kind.case === "tensorShapeValue" && !kind.value.unknownRank)
		return `[${kind.value.dim
			.map(({ size }) => `${size < 0n ? "None" : size}, `)
			.join("")}\b\b]`;
	const items =
		kind.case === "namedTupleValue"
			? kind.value.values.map(({ value }) => value ?? NONE)
			: kind.case === "listValue" || kind.case === "tupleValue"
				? kind.value.values
				: undefined;
	return items === undefined
		? pythonStr(argument)
		: `[${items.map((item) => `${withQuotes(item)}, `).join("")}\b\b]`;
}

const NONE = create(StructuredValueSchema);

function withQuotes(value: StructuredValue): string {
	const text = pythonStr(value);
	return value.kind.case === "stringValue" ? `'${text}'` : text;
}
