import { expect, test } from "vitest";
import {
	checkLabel,
	checkModelName,
	parseReference,
	parseShare,
} from "../../../src/lib/repository/reference.js";

test.each([
	["1@90", undefined, undefined, "1", 90],
	["1@90%", undefined, undefined, "1", 90],
	["2=10", undefined, undefined, "2", 10],
	["canary@0.5 %", undefined, undefined, "canary", 0.5],
	["2", undefined, undefined, "2", undefined],
	["digits@2=10", undefined, "digits", "2", 10],
	["digits@stable=10%", undefined, "digits", "stable", 10],
	["digits@2", "digits", "digits", "2", undefined],
	["digits@2@10", "digits", "digits", "2", 10],
])("share %s, of model %s, is read", (text, model, name, version, percent) => {
	expect(parseShare(text, model)).toEqual({ name, version, percent });
});

test.each([
	"1@0",
	"1@101",
	"1@ninety",
	"1@-5",
	"1@1e1",
	"@50",
	"=50",
	"1@",
	"1=",
	"digits@=5",
	"1@NaN",
	"",
])('share "%s" is refused, and the forms are told', (text) => {
	expect(() => parseShare(text)).toThrow(
		/cannot read share .* as 1@90, canary@10% or digits@2=10/,
	);
});

test("a version is behind the last @, and a name that begins with one has none", () => {
	expect(parseReference("digits@2")).toEqual({ name: "digits", version: "2" });
	expect(parseReference("a@b@c")).toEqual({ name: "a@b", version: "c" });
	expect(parseReference("@2")).toEqual({ name: "@2", version: undefined });
	expect(parseReference("digits@")).toEqual({ name: "digits", version: "" });
});

test.each([
	["", "it is empty"],
	["../x", "separator"],
	["a/b", "separator"],
	["a\\b", "separator"],
	["..", "hidden"],
	[".git", "hidden"],
	["7", "a version"],
	["a@2", "mean something else"],
	["a:predict", "mean something else"],
	["a b", "otherwise"],
	["a\nb", "otherwise"],
	["a%2e", "otherwise"],
	["x".repeat(201), "more than 200 bytes"],
])("model name %j is refused", (name, reason) => {
	expect(() => checkModelName(name)).toThrow(reason);
});

test.each(["", "2", "a b", "a/b", "../x", "é", "x".repeat(64), "-a", "a\n"])(
	"label %j is refused",
	(label) => {
		expect(() => checkLabel(label)).toThrow("cannot label a version");
	},
);

test("usual names are taken", () => {
	for (const name of ["digits", "digits-small_2", "größe", "v1.2"])
		expect(checkModelName(name)).toBe(name);
	for (const label of ["stable", "canary", "v1.2", "_x"])
		expect(checkLabel(label)).toBe(label);
});
