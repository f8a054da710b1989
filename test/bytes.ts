/** Bytes as they are in a file: hexadecimal, and `// …` comments to the end of a line. */
export function bytes(
	template: TemplateStringsArray,
	...values: readonly (Uint8Array | number)[]
): Uint8Array {
	const text = template
		.map((part, i) => part + (i < values.length ? hex(values[i]) : ""))
		.join("");
	return Uint8Array.from(
		Buffer.from(text.replace(/\/\/.*$/gm, "").replace(/\s+/g, ""), "hex"),
	);
}

function hex(value: Uint8Array | number): string {
	return Buffer.from(typeof value === "number" ? [value] : value).toString(
		"hex",
	);
}
