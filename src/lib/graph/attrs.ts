import { fail } from "../errors.js";
import type { Constant } from "../tensor/constant.js";
import { type DType, isDType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/tensor.js";
import type { Attr, FunctionRef, Node, ShapeAttr } from "./ir.js";

type AttrNode = Pick<Node, "name" | "op" | "attrs">;

/** An integer attribute as a number; fails with CORRUPT if it is missing, of another type, or beyond 2^53. */
export function intAttr(node: Node, name: string): number {
	return typed(node, name, "an integer", (value) => typeof value === "number");
}

export function floatAttr(node: Node, name: string): number {
	return typed(node, name, "a number", (value) => typeof value === "number");
}

export function boolAttr(node: Node, name: string): boolean {
	return typed(
		node,
		name,
		"true or false",
		(value) => typeof value === "boolean",
	);
}

export function stringAttr(node: Node, name: string): string {
	return typed(node, name, "a string", (value) => typeof value === "string");
}

/** A string attribute as the bytes that it was in the file. */
export function bytesAttr(node: Node, name: string): Uint8Array {
	return attrBytes(stringAttr(node, name));
}

/** The bytes of a string, as `attr-values.ts` reads them. */
export function attrBytes(text: string): Uint8Array {
	return /[\udc80-\udcff]/.test(text) && !/[\ud800-\udbff]/.test(text)
		? Uint8Array.from(text, (half) => half.charCodeAt(0) & 0xff)
		: new TextEncoder().encode(text);
}

export function dtypeAttr(node: AttrNode, name: string): DType {
	return typed(
		node,
		name,
		"an element type",
		(value): value is DType => typeof value === "string" && isDType(value),
	);
}

export function shapeAttr(node: Node, name: string): Shape {
	return typed<ShapeAttr>(
		node,
		name,
		"a shape",
		(value) => typeof value === "object" && "dims" in value,
	).dims;
}

export function functionAttr(node: Node, name: string): string {
	return typed<FunctionRef>(
		node,
		name,
		"a function",
		(value) => typeof value === "object" && "function" in value,
	).function;
}

export function constantAttr(node: Node, name: string): Constant {
	return typed<Constant>(
		node,
		name,
		"a tensor",
		(value) => typeof value === "object" && "read" in value,
	);
}

export function intsAttr(node: Node, name: string): readonly number[] {
	return typed<readonly number[]>(
		node,
		name,
		"a list of integers",
		isListOf((item) => typeof item === "number"),
	);
}

export function floatsAttr(node: Node, name: string): readonly number[] {
	return intsAttr(node, name);
}

export function stringsAttr(node: Node, name: string): readonly string[] {
	return typed<readonly string[]>(
		node,
		name,
		"a list of strings",
		isListOf((item) => typeof item === "string"),
	);
}

export function dtypesAttr(node: Node, name: string): readonly DType[] {
	return typed<readonly DType[]>(
		node,
		name,
		"a list of element types",
		isListOf((item) => typeof item === "string" && isDType(item)),
	);
}

export function shapesAttr(node: Node, name: string): readonly Shape[] {
	const list = typed<readonly ShapeAttr[]>(
		node,
		name,
		"a list of shapes",
		isListOf((item) => typeof item === "object" && "dims" in item),
	);
	return list.map(({ dims }) => dims);
}

export function functionsAttr(node: Node, name: string): readonly string[] {
	const list = typed<readonly FunctionRef[]>(
		node,
		name,
		"a list of functions",
		isListOf((item) => typeof item === "object" && "function" in item),
	);
	return list.map((reference) => reference.function);
}

function isListOf(isItem: (item: Attr) => boolean): (value: Attr) => boolean {
	return (value) => Array.isArray(value) && value.every(isItem);
}

function typed<T extends Attr>(
	node: AttrNode,
	name: string,
	wanted: string,
	accepts: (value: Attr) => boolean,
): T {
	const value = node.attrs[name];
	if (value === undefined || !accepts(value))
		throw fail(
			"CORRUPT",
			`cannot read attribute "${name}" of node "${node.name}" (${node.op}): found ${value === undefined ? "nothing" : typeof value}, wanted ${wanted}`,
			{
				at: { node: node.name, op: node.op },
			},
		);
	return value as T;
}
