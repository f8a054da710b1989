import type { stringOps } from "../ops/string.js";
import type { HostFamily } from "./kernel.js";
import { decodeBase64, encodeBase64 } from "./string/base64.js";
import { lower, upper } from "./string/case.js";
import { format } from "./string/formatting.js";
import {
	fingerprint,
	hashBucket,
	hashBucketFast,
	hashBucketStrong,
} from "./string/hashing.js";
import { join, reduceJoin, segmentJoin } from "./string/joining.js";
import { ngrams } from "./string/ngrams.js";
import { toNumber } from "./string/numbers.js";
import { asString } from "./string/printing.js";
import {
	regexFullMatch,
	regexReplace,
	staticRegexFullMatch,
	staticRegexReplace,
} from "./string/regex.js";
import { script } from "./string/scripts.js";
import { split, splitV2, strip } from "./string/splitting.js";
import { lengths, substring } from "./string/substring.js";
import { textKernel } from "./string/text.js";
import {
	decode,
	decodeWithOffsets,
	encode,
	transcode,
} from "./string/unicode.js";

export const stringKernels: HostFamily<typeof stringOps> = {
	StringLower: lower,
	StringUpper: upper,
	StringStrip: textKernel(strip),
	StringLength: lengths,
	StringJoin: join,
	ReduceJoin: reduceJoin,
	UnsortedSegmentJoin: segmentJoin,
	Substr: substring,
	StringSplit: split,
	StringSplitV2: splitV2,
	RegexReplace: regexReplace,
	StaticRegexReplace: staticRegexReplace,
	RegexFullMatch: regexFullMatch,
	StaticRegexFullMatch: staticRegexFullMatch,
	StringToNumber: toNumber,
	AsString: asString,
	StringFormat: format,
	StringNGrams: ngrams,
	StringToHashBucket: hashBucket,
	StringToHashBucketFast: hashBucketFast,
	StringToHashBucketStrong: hashBucketStrong,
	Fingerprint: fingerprint,
	EncodeBase64: encodeBase64,
	DecodeBase64: decodeBase64,
	UnicodeDecode: decode,
	UnicodeDecodeWithOffsets: decodeWithOffsets,
	UnicodeEncode: encode,
	UnicodeTranscode: transcode,
	UnicodeScript: script,
};
