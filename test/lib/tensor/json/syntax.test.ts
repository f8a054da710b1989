import { describe, expect, test } from "vitest";
import { MlshipError } from "../../../../src/lib/errors.js";
import {
	skipDocument,
	skipNumber,
} from "../../../../src/lib/tensor/json/syntax.js";
import { random } from "../../../random.js";

function complaint(text: string | Uint8Array): string {
	try {
		skipDocument(Buffer.from(text as string));
	} catch (error) {
		if (error instanceof MlshipError) return error.message;
		throw error;
	}
	return "";
}

/** Words and offsets worked out from the state machine and the number rules of rapidjson 1.1.0, reader.h. */
describe("skipDocument() complains in rapidjson's words", () => {
	test.each([
		["", "The document is empty", undefined],
		["  ", "The document is empty.", 2],
		["]", "The document is empty.", 0],
		["\0{}", "The document is empty.", 0],
		// as much of a byte order mark as there is, of a body that ends in it
		[Buffer.of(0xef, 0xbb), "The document is empty.", 2],
		["[Inf.]", "Miss fraction part in number.", 5],
		["[-NaNe]", "Miss exponent in number.", 6],
		["instances = [1, 2]", "Invalid value.", 0],
		["{'instances': [1]}", "Missing a name for object member.", 1],
		['{"a":1,}', "Missing a name for object member.", 7],
		["{,", "Missing a name for object member.", 1],
		['{"a" 1}', "Missing a colon after a name of object member.", 5],
		['{"a":}', "Invalid value.", 5],
		['{"a":nul]', "Invalid value.", 8],
		['{"a":truE}', "Invalid value.", 8],
		['{"a":True}', "Invalid value.", 5],
		['{"a":nan}', "Invalid value.", 6],
		['{"a":Infinitx}', "Invalid value.", 12],
		['{"a":+1}', "Invalid value.", 5],
		['{"a":-}', "Invalid value.", 6],
		['{"a":.5}', "Invalid value.", 5],
		['{"a":1 "b"', "Missing a comma or '}' after an object member.", 7],
		['{"a":1', "Missing a comma or '}' after an object member.", 6],
		["[1 2]", "Missing a comma or ']' after an array element.", 3],
		["[01]", "Missing a comma or ']' after an array element.", 2],
		["[1", "Missing a comma or ']' after an array element.", 2],
		["[1,]", "Invalid value.", 3],
		["[", "Invalid value.", 1],
		["[1.]", "Miss fraction part in number.", 3],
		["[1e]", "Miss exponent in number.", 3],
		["[1e+x]", "Miss exponent in number.", 4],
		["[ 1e309]", "Number too big to be stored in double.", 2],
		[`[${"9".repeat(400)}]`, "Number too big to be stored in double.", 1],
		['["a', "Missing a closing quotation mark in string.", 3],
		['["a\n"]', "Invalid escape character in string.", 3],
		['["a\\x"]', "Invalid escape character in string.", 3],
		['["\\u00g0"]', "Incorrect hex digit after \\u escape in string.", 2],
		['["\\ud800"]', "The surrogate pair in string is invalid.", 2],
		['["\\ud800\\u0041"]', "The surrogate pair in string is invalid.", 2],
	])("%j", (text, words, offset) => {
		expect(complaint(text)).toBe(
			`JSON Parse error: ${words}${offset === undefined ? "" : ` at offset: ${offset}`}`,
		);
	});

	test.each([
		"{}",
		"[]",
		"null",
		" \t\r\n[ 1 , { } , [ ] ]",
		'{"a":{"b":[{},[[]],"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"]}}',
		"[NaN,-NaN,Inf,-Inf,Infinity,-Infinity]",
		"[0,-0,1.5,-1e5,1E+5,1e-400,123456789012345678901234567890]",
		"[0.00000000000000000000001e330]",
		'["\x7f\u0080","\\udc00"]',
	])("takes %j", (text) => {
		expect(skipDocument(Buffer.from(text))).toBe(Buffer.byteLength(text));
	});

	test("stops behind the first value", () => {
		expect(skipDocument(Buffer.from("[1] x"))).toBe(3);
		expect(skipDocument(Buffer.from("{}}"))).toBe(2);
	});

	test("takes bytes in strings that are no UTF-8", () => {
		expect(complaint(Uint8Array.of(0x22, 0xff, 0xfe, 0x22))).toBe("");
	});

	test("reads a million open brackets without running out of stack", () => {
		expect(complaint("[".repeat(1_000_000))).toBe(
			"JSON Parse error: Invalid value. at offset: 1000000",
		);
		expect(complaint(`${'{"a":['.repeat(300_000)}`)).toContain(
			"Invalid value.",
		);
	});
});

test("skipDocument() agrees with JSON.parse on whether a text is JSON, mutated at random", () => {
	const next = random(3);
	const seeds = [
		'{"instances": [[1.5, -2e-3], [3, 4E+5]], "s": "a\\u00e9\\n\\"b"}',
		'{"inputs": {"x": [[true, false, null]], "y": {"b64": "aGk="}}, "k": [{}, []]}',
		'[0, -0.0, 10, 1e5, "", "\\\\", {"a": {"b": [[[]]]}}]',
	];
	const alphabet = '{}[],:"\\0123456789.eE+-truefalsn u';
	const disputed: string[] = [];
	for (let round = 0; round < 20_000; round++) {
		const text = [...seeds[round % seeds.length]];
		for (let edits = 1 + next(3); edits > 0; edits--) {
			const at = next(text.length);
			text.splice(at, next(2), alphabet[next(alphabet.length)]);
		}
		const mutated = text.join("");
		// ours takes no number that a double cannot hold; JSON.parse makes it infinite
		if (/e\+?\d{3}/i.test(mutated)) continue;
		if (isOursToo(mutated) !== isJson(mutated)) disputed.push(mutated);
	}
	expect(disputed).toEqual([]);
});

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

/** Ours ends with the first value. */
function isOursToo(text: string): boolean {
	try {
		return text.slice(skipDocument(Buffer.from(text))).trim() === "";
	} catch {
		return false;
	}
}

test("skipNumber() ends a number where its grammar ends", () => {
	const end = (text: string) => skipNumber(Buffer.from(text), 0);
	expect([
		end("12,"),
		end("-0.5e-7]"),
		end("01"),
		end("1e5.2"),
		end("Inf,"),
	]).toEqual([2, 7, 1, 3, 3]);
});
