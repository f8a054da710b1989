import { describe, expect, test } from "vitest";
import type { DType } from "../../../../src/lib/tensor/dtype.js";
import { random } from "../../../random.js";
import { decodeOne, refusal } from "./requests.js";

/** Every number with something behind it, so that none but the last lies at the end of the body. */
function numbers(tokens: readonly string[], dtype: DType): unknown[] {
	const { data } = decodeOne(`{"inputs": [${tokens.join(",")}]}`, dtype);
	return Array.from(data as ArrayLike<unknown>);
}

const next = random(5);

function digits(count: number): string {
	return Array.from({ length: count }, () => next(10)).join("");
}

/** Decimal numbers of all lengths: with and without zeros in front, fractions and exponents. */
function token(): string {
	const sign = next(4) === 0 ? "-" : "";
	const whole = next(3) === 0 ? "0" : `${1 + next(9)}${digits(next(20))}`;
	const zeros = "0".repeat(next(3) === 0 ? next(20) : 0);
	const fraction = next(4) === 0 ? "" : `.${zeros}${digits(1 + next(22))}`;
	const exponent =
		next(3) === 0 ? `e${["", "-", "+"][next(3)]}${next(40)}` : "";
	return sign + whole + fraction + exponent;
}

describe("readNumbers() rounds to the nearest", () => {
	const tokens = Array.from({ length: 30_000 }, token);

	test("double", () => {
		expect(numbers(tokens, "float64")).toEqual(tokens.map(Number));
	});

	test("float", () => {
		expect(numbers(tokens, "float32")).toEqual(
			tokens.map((text) => Math.fround(Number(text))),
		);
	});

	test("double, of numbers as other programs write them", () => {
		const values = Array.from(
			{ length: 30_000 },
			() => (next(2 ** 31) / 2 ** 31) * 10 ** (next(12) - 6),
		);
		const written = values.flatMap((value) => [
			String(value),
			value.toPrecision(17),
			value.toExponential(),
			value.toFixed(6),
		]);
		expect(numbers(written, "float64")).toEqual(written.map(Number));
		expect(numbers(written, "float32")).toEqual(
			written.map((text) => Math.fround(Number(text))),
		);
	});

	/** Halfway between two doubles or floats, one digit less and one more (ties go to the even one). */
	test.each([
		["9007199254740993", 9007199254740992],
		["9007199254740993.0000001", 9007199254740994],
		["9007199254740992.9999999", 9007199254740992],
		[
			"0.500000000000000166533453693773481063544750213623046875",
			0.5000000000000002,
		],
		["1.00000000000000011102230246251565404236316680908203125", 1],
		[
			"1.00000000000000011102230246251565404236316680908203126",
			1.0000000000000002,
		],
		["2.2250738585072011e-308", 2.225073858507201e-308],
		["4.9e-324", 5e-324],
		["2e-324", 0],
	])("double, close to the middle: %s", (text, value) => {
		expect(numbers([text, text], "float64")).toEqual([value, value]);
	});

	/** 1 + 2^-24 lies between the floats 1 and 1 + 2^-23. */
	test.each([
		["1.000000059604644775390625", 1],
		["1.00000005960464477", 1],
		["1.000000059604645", 1.0000001192092896],
		["16777217", 16777216],
		["16777217.0000001", 16777218],
		["3.4028235e38", 3.4028234663852886e38],
		["3.4028236e38", Infinity],
		["1e-45", 1.401298464324817e-45],
		["0.7e-45", 0],
	])("float, close to the middle: %s", (text, value) => {
		expect(numbers([text, text], "float32")).toEqual([value, value]);
	});
});

test("readNumbers() takes NaN and infinities in all their spellings", () => {
	const tokens = [
		"NaN",
		"-NaN",
		"Inf",
		"-Inf",
		"Infinity",
		"-Infinity",
		"0",
		"-0",
	];
	const values = [NaN, NaN, Infinity, -Infinity, Infinity, -Infinity, 0, -0];
	for (const dtype of ["float32", "float64"] as const)
		expect(numbers(tokens, dtype)).toEqual(values);
});

describe("readNumbers() takes the integers of a type and no others", () => {
	const limits: readonly [DType, string, string, string, string][] = [
		["int8", "-128", "127", "-129", "128"],
		["uint8", "0", "255", "-1", "256"],
		["int16", "-32768", "32767", "-32769", "32768"],
		["uint16", "0", "65535", "-1", "65536"],
		["int32", "-2147483648", "2147483647", "-2147483649", "2147483648"],
		["uint32", "0", "4294967295", "-1", "4294967296"],
		["qint8", "-128", "127", "-129", "128"],
		["quint16", "0", "65535", "-1", "65536"],
		["qint32", "-2147483648", "2147483647", "-2147483649", "2147483648"],
	];
	test.each(limits)("%s: %s to %s", (dtype, min, max, below, above) => {
		expect(numbers([min, max, "-0", "7", min], dtype)).toEqual(
			[min, max, "0", "7", min].map(Number),
		);
		const beyond = [below, above, "1.0", "1e2", "1.", "NaN", "true", '"1"'];
		for (const text of beyond)
			for (const body of [`[${text}]`, `[1, ${text}, 1, 1]`])
				expect(refusal(`{"inputs": ${body}}`, { x: dtype }).code).toBe(
					"INVALID",
				);
	});

	test("int64: exactly, beyond what a double holds", () => {
		const tokens = [
			"-9223372036854775808",
			"9223372036854775807",
			"9007199254740993",
			"-9007199254740993",
			"0",
			"12",
			"123456789012345678",
		];
		expect(numbers(tokens, "int64")).toEqual(tokens.map(BigInt));
		for (const text of [
			"9223372036854775808",
			"-9223372036854775809",
			"1.0",
			"1e3",
			"99999999999999999999999",
		])
			expect(
				refusal(`{"inputs": [1, ${text}]}`, { x: "int64" }).message,
			).toMatch(
				/Type: Number is not of expected type: int64, an integer from -9223372036854775808 to 9223372036854775807; at row 1/,
			);
	});

	test("uint64: exactly", () => {
		const tokens = ["18446744073709551615", "0", "9007199254740993", "3"];
		expect(numbers(tokens, "uint64")).toEqual(tokens.map(BigInt));
		for (const text of ["18446744073709551616", "-1"])
			expect(refusal(`{"inputs": [${text}]}`, { x: "uint64" }).code).toBe(
				"INVALID",
			);
	});
});

test("readNumbers() reads many lists, across the batches that it works in", () => {
	const rows = Array.from({ length: 700 }, () => [
		next(1000),
		next(10),
		next(100),
	]);
	const flat = rows.flat();
	for (const text of [
		JSON.stringify(rows),
		JSON.stringify(rows, undefined, 1),
		JSON.stringify(rows).replaceAll(",", ", "),
		JSON.stringify(rows).replaceAll(/[[\],]/g, " $& "),
	]) {
		for (const dtype of ["float32", "int16", "int64"] as const) {
			const { shape, data } = decodeOne(`{"instances": ${text}}`, dtype);
			expect(shape).toEqual([700, 3]);
			expect(Array.from(data as ArrayLike<number>, Number)).toEqual(flat);
		}
	}
});

test("readNumbers() tells the place of a bad element far inside, on either side of a batch's end", () => {
	for (const bad of [0, 1, 340, 341, 342, 682, 683, 699]) {
		const rows = Array.from({ length: 700 }, (_, i) => [
			1,
			i === bad ? null : 2,
			3,
		]);
		expect(
			refusal(`{"inputs": ${JSON.stringify(rows)}}`, { x: "float32" }).at,
		).toEqual({ input: "x", row: bad, column: "1" });
		const ragged = rows.map(([first, , last], i) =>
			i === bad && i > 0 ? [first] : [first, last],
		);
		if (bad > 0)
			expect(
				refusal(`{"instances": ${JSON.stringify(ragged)}}`, { x: "float32" })
					.at,
			).toEqual({ input: "x", row: bad, column: "1" });
	}
});
