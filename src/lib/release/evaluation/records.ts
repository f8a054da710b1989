import { fail } from "../../errors.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type Dataset, ONLY_INPUT } from "./dataset.js";

/** Names of a record's only input, where the signature's own is not known. */
const VALUES = ["instance", "input", "inputs", "image", "x"];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads one JSON object a line, or a list of them: its label under a name of `labelNames`, all else inputs by their names.
 * Fails with INVALID, the line being told.
 */
export function readRecords(
	bytes: Uint8Array,
	labelNames: readonly string[],
): Dataset {
	const records = parse(Buffer.from(bytes).toString());
	if (records.length === 0) throw fail("INVALID", "it has no records");
	const [first] = records;
	const labelName = labelNames.find((name) => Object.hasOwn(first, name));
	if (labelName === undefined)
		throw fail(
			"INVALID",
			`record 1 has ${Object.keys(first).join(", ")}, a "label" is wanted`,
		);
	const names = Object.keys(first).filter((name) => name !== labelName);
	const column = (name: string) =>
		toTensor(
			name,
			records.map((record) => record[name]),
		);
	const isOnly = names.length === 1 && VALUES.includes(names[0]);
	return {
		inputs: new Map(
			names.map((name) => [isOnly ? ONLY_INPUT : name, column(name)]),
		),
		labels: column(labelName),
		rows: records.length,
	};
}

function parse(text: string): Fields[] {
	if (/^\s*\[/.test(text)) return (json(text, 1) as unknown[]).map(fieldsOf);
	return text
		.split("\n")
		.map((line, i) => [line, i] as const)
		.filter(([line]) => line.trim() !== "")
		.map(([line, i]) => fieldsOf(json(line, i + 1), i));
}

function json(text: string, line: number): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw fail(
			"INVALID",
			`line ${line} is no JSON: ${(cause as Error).message}`,
		);
	}
}

function fieldsOf(value: unknown, index: number): Fields {
	if (typeof value === "object" && value !== null && !Array.isArray(value))
		return value as Fields;
	throw fail(
		"INVALID",
		`record ${index + 1} is no object with inputs and a label`,
	);
}

/** Rows of one shape: numbers or truth values as float64, texts as bytes. */
function toTensor(name: string, rows: readonly unknown[]): Tensor {
	const shape = [rows.length, ...shapeOf(rows[0])];
	const values: unknown[] = [];
	for (const [i, row] of rows.entries()) {
		if (shapeOf(row).join() !== shape.slice(1).join())
			throw fail(
				"INVALID",
				`"${name}" of record ${i + 1} has another shape than that of record 1`,
			);
		flatten(row, values);
	}
	if (values.every((value) => typeof value === "string"))
		return {
			dtype: "string",
			shape,
			data: values.map((value) => new Uint8Array(Buffer.from(value))),
		};
	const odd = values.find(
		(value) => typeof value !== "number" && typeof value !== "boolean",
	);
	if (odd !== undefined)
		throw fail("INVALID", `"${name}" has ${JSON.stringify(odd)} among numbers`);
	return { dtype: "float64", shape, data: Float64Array.from(values, Number) };
}

function shapeOf(value: unknown): number[] {
	return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}

function flatten(value: unknown, into: unknown[]): void {
	if (Array.isArray(value)) for (const part of value) flatten(part, into);
	else into.push(value);
}
