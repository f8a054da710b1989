import { boolAttr, bytesAttr } from "../../graph/attrs.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { type Pattern, patternOf } from "./pattern.js";
import { scalarText, textsOf } from "./text.js";

/** All matches, or the first, by a rewritten text in which \0 … \9 stand for groups. */
export const regexReplace: HostKernel = (node, [x, pattern, rewrite]) =>
	replaced(
		x,
		patternOf(scalarText(pattern)),
		scalarText(rewrite),
		boolAttr(node, "replace_global"),
	);

export const staticRegexReplace: HostKernel = (node, [x]) =>
	replaced(
		x,
		patternOf(bytesAttr(node, "pattern")),
		bytesAttr(node, "rewrite"),
		boolAttr(node, "replace_global"),
	);

export const regexFullMatch: HostKernel = (_, [x, pattern]) =>
	matched(x, patternOf(scalarText(pattern)));

export const staticRegexFullMatch: HostKernel = (node, [x]) =>
	matched(x, patternOf(bytesAttr(node, "pattern")));

function replaced(
	x: Tensor,
	pattern: Pattern,
	rewrite: Uint8Array,
	isGlobal: boolean,
): readonly Tensor[] {
	return [pattern.replacer(rewrite, isGlobal)(x)];
}

function matched(x: Tensor, pattern: Pattern): readonly Tensor[] {
	const texts = textsOf(x);
	const data = new Uint8Array(texts.length);
	for (let i = 0; i < data.length; i++)
		data[i] = Number(pattern.matchesWhole(texts[i]));
	return [{ dtype: "bool", shape: x.shape, data }];
}
