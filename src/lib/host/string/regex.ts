import { boolAttr, stringAttr } from "../../graph/attrs.js";
import type { HostKernel } from "../kernel.js";
import { type Pattern, patternOf } from "./pattern.js";
import { scalarText, textResult, textsOf, utf8 } from "./text.js";

/** All matches, or the first, by a rewritten text in which \0 … \9 stand for groups. */
export const regexReplace: HostKernel = (node, [x, pattern, rewrite]) =>
	replaced(
		x,
		patternOf(utf8(scalarText(pattern))),
		utf8(scalarText(rewrite)),
		boolAttr(node, "replace_global"),
	);

export const staticRegexReplace: HostKernel = (node, [x]) =>
	replaced(
		x,
		patternOf(stringAttr(node, "pattern")),
		stringAttr(node, "rewrite"),
		boolAttr(node, "replace_global"),
	);

export const regexFullMatch: HostKernel = (_, [x, pattern]) =>
	matched(x, patternOf(utf8(scalarText(pattern))));

export const staticRegexFullMatch: HostKernel = (node, [x]) =>
	matched(x, patternOf(stringAttr(node, "pattern")));

function replaced(
	x: Parameters<HostKernel>[1][number],
	pattern: Pattern,
	rewrite: string,
	isGlobal: boolean,
) {
	const replace = pattern.replacer(rewrite, isGlobal);
	return [textResult(x, textsOf(x).map(replace))];
}

function matched(
	x: Parameters<HostKernel>[1][number],
	pattern: Pattern,
): ReturnType<HostKernel> {
	return [
		{
			dtype: "bool",
			shape: x.shape,
			data: Uint8Array.from(textsOf(x), (text) =>
				Number(pattern.matchesWhole(text)),
			),
		},
	];
}
