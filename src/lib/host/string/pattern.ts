import { isUtf8 } from "node:buffer";
import { fail } from "../../errors.js";
import { packedTensor, packedTexts } from "../../tensor/packed-texts.js";
import type { Tensor } from "../../tensor/tensor.js";
import { byteKinds, byteReplacer } from "./byte-class.js";
import { linearPattern } from "./linear-pattern.js";
import { nativePattern } from "./native-pattern.js";
import { parseRewrite, type Rewrite } from "./rewrite.js";
import {
	bytesOfEscaped,
	bytesOfLatin1,
	escaped,
	isAscii,
	latin1,
	textResult,
	textsOf,
	utf8,
} from "./text.js";

/** A regular expression in RE2's syntax, which is what TensorFlow's are in. Bytes that are not UTF-8 match nothing. */
export interface Pattern {
	/** Whether all of a text matches. */
	matchesWhole(text: Uint8Array): boolean;
	/** Replaces matches by `rewrite`, where \0 … \9 are the groups of the match; nothing where it names a group that is not there. */
	replacer(rewrite: Uint8Array, isGlobal: boolean): (texts: Tensor) => Tensor;
}

/** The same of texts as `escaped` reads them. */
export interface Matching {
	/** Whether every match is one character, and every such character a match; false where that is not known. */
	readonly isSingle: boolean;
	readonly groups: number;
	matchesWhole(text: string): boolean;
	replacer(rewrite: Rewrite, isGlobal: boolean): (text: string) => string;
}

const COMPILED = new Map<string, Pattern>();
const MAX_COMPILED = 1000;

/** Compiled once. Fails with INVALID for what is no pattern. */
export function patternOf(bytes: Uint8Array): Pattern {
	const source = latin1(bytes);
	const known = COMPILED.get(source);
	if (known !== undefined) return known;
	if (!isUtf8(bytes))
		throw fail(
			"INVALID",
			`cannot read the regular expression ${JSON.stringify(source)}: it is not UTF-8`,
		);
	const text = utf8(bytes);
	const made = ofBytes(nativePattern(text) ?? linearPattern(text));
	if (COMPILED.size >= MAX_COMPILED) COMPILED.clear();
	COMPILED.set(source, made);
	return made;
}

function ofBytes(matching: Matching): Pattern {
	let kinds: Uint8Array | undefined;
	return {
		matchesWhole: (bytes) => matching.matchesWhole(escaped(bytes)),
		replacer: (rewriteBytes, isGlobal) => {
			const rewrite = parseRewrite(escaped(rewriteBytes));
			const isUnusable =
				rewrite.groups > matching.groups || (rewrite.isBroken && !isGlobal);
			if (isUnusable) return (texts) => texts;
			const replace = matching.replacer(rewrite, isGlobal);
			const write = isAscii(rewriteBytes) ? bytesOfLatin1 : bytesOfEscaped;
			const replaceOne = (bytes: Uint8Array) => {
				const isPlain = isAscii(bytes);
				const text = isPlain ? latin1(bytes) : escaped(bytes);
				const result = replace(text);
				if (result === text) return bytes;
				return isPlain ? write(result) : bytesOfEscaped(result);
			};
			const isText = rewrite.parts.every((part) => typeof part === "string");
			if (!isGlobal || !matching.isSingle || !isText)
				return (texts) => textResult(texts, textsOf(texts).map(replaceOne));
			kinds ??= byteKinds((character) => matching.matchesWhole(character));
			const replaceBytes = byteReplacer(
				kinds,
				write(rewrite.parts.join("")),
				replaceOne,
			);
			return (texts) =>
				packedTensor(texts.shape, replaceBytes(packedTexts(texts)));
		},
	};
}
