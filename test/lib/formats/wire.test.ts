import { expect, test } from "vitest";
import { WireReader } from "../../../src/lib/formats/wire.js";

test("strings of a long message are what stands in its bytes, wherever they begin and end", () => {
	const texts = Array.from(
		{ length: 20_000 },
		(_, i) => `${i % 5 === 0 ? "é" : ""}${"x".repeat((i * 7) % 97)}`,
	);
	const reader = new WireReader(
		Buffer.concat(
			texts.flatMap((text) => {
				const content = Buffer.from(text);
				return [Buffer.from([content.length]), content];
			}),
		),
	);
	expect(texts.map(() => reader.string())).toEqual(texts);
});
