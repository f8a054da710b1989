import { expect, test } from "vitest";
import { columns, wrapped } from "../../../src/commands/ui/columns.js";

test("columns() aligns cells by their text, whatever their style adds", () => {
	const style = (text: string) => `<${text}>`;
	expect(
		columns(
			[
				[{ text: "name" }, { text: "12", align: "right" }, { text: "x" }],
				[{ text: "a", style }, { text: "1,234", align: "right" }, { text: "" }],
			],
			"  ",
		),
	).toEqual(["  name     12  x", "  <a>     1,234"]);
});

test("wrapped() breaks between words", () => {
	expect(wrapped(["aaa", "bbb", "cc", "dddddddddd"], " ", 9)).toEqual([
		" aaa bbb",
		" cc",
		" dddddddddd",
	]);
	expect(wrapped([], " ")).toEqual([]);
});
