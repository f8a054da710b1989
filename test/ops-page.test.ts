import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { familyNames, unpackFamily } from "./ops/family.js";
import { readNotYet, readTargetsNotYet } from "./ops/not-yet.js";
import { opsPage } from "./ops/page.js";

test("OPS.md says what the tables of operations and the vectors say: npm run ops writes it", async () => {
	const cases = new Map(
		familyNames().map((name) => {
			const family = unpackFamily(name);
			rmSync(family.folder, { recursive: true });
			return [name, family.cases];
		}),
	);
	await expect(
		opsPage(cases, readNotYet(), readTargetsNotYet()),
	).toMatchFileSnapshot("../OPS.md");
});
