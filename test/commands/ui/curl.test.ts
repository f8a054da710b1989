import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { curlLine } from "../../../src/commands/ui/curl.js";

const URL = "http://127.0.0.1:8501/v1/models/m:predict";

describe("curlLine()", () => {
	test("shows a short body", () => {
		expect(curlLine(URL, '{"instances":[[1,2]]}')).toBe(
			`curl -d '{"instances":[[1,2]]}' ${URL}`,
		);
	});

	test("gets what is there where no body is given", () => {
		expect(curlLine("http://h/v1/models/a b")).toBe(
			"curl 'http://h/v1/models/a b'",
		);
	});

	test("makes a long body on the spot", () => {
		expect(curlLine(URL, bodyOf(28, 28))).toBe(
			`curl -d "$(node -p 'JSON.stringify({"instances":[Array(28).fill(Array(28).fill(0.5))]})')" ${URL}`,
		);
	});

	test("pipes a body that is too long for an argument", () => {
		expect(curlLine(URL, bodyOf(300, 300))).toBe(
			`node -p 'JSON.stringify({"instances":[Array(300).fill(Array(300).fill(0.5))]})' | curl -d @- ${URL}`,
		);
	});

	test.each([
		["short", { "it's": ['$HOME "x" \\ `id`'] }],
		["long", { "it's": Array(400).fill('$HOME "x" \\ `id`'), b: [1, 2, 1] }],
		["very long", { "it's": Array(9000).fill(["é", -1e30]), b: {} }],
	])(
		"is understood by a shell when the body is %s and has quotes in it",
		(_, value) => {
			const line = curlLine(
				"http://h/v1/models/it's (1):predict",
				JSON.stringify(value),
			);
			const [url, body] = received(line);
			expect(url).toBe("http://h/v1/models/it's (1):predict");
			expect(JSON.parse(body)).toEqual(value);
		},
	);
});

function bodyOf(rows: number, columns: number): string {
	return JSON.stringify({
		instances: [Array(rows).fill(Array(columns).fill(0.5))],
	});
}

/** What curl would be given: the address, and the body from the argument or from its input. */
function received(line: string): string[] {
	const curl = `curl() {
		if [ "$2" = @- ]; then printf '%s\\n' "$3"; cat; else printf '%s\\n%s' "$3" "$2"; fi
	}`;
	const output = execFileSync("sh", ["-c", `${curl}\n${line}`], {
		encoding: "utf8",
	});
	const end = output.indexOf("\n");
	return [output.slice(0, end), output.slice(end + 1)];
}
