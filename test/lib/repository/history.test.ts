import { expect, test } from "vitest";
import {
	type Action,
	fullTraffic,
	type HistoryEntry,
	historyJson,
	readHistory,
} from "../../../src/lib/repository/history.js";

/** `promote 2`, `split 1 2`: what had the traffic before, and has it then. */
function history(...steps: readonly string[]): HistoryEntry[] {
	let from = new Map([[1n, 100]]);
	return steps.map((step) => {
		const [action, ...versions] = step.split(" ");
		const to = new Map(
			versions.map((version) => [BigInt(version), 100 / versions.length]),
		);
		const entry = { time: "", who: "", action: action as Action, from, to };
		from = to;
		return entry;
	});
}

test.each([
	[["promote 2"], [1, 2]],
	[["split 1 2"], [1]],
	[
		["promote 2", "split 2 3"],
		[1, 2],
	],
	// a split of all to one version is as good as a promotion
	[
		["split 1 2", "split 2", "promote 3"],
		[1, 2, 3],
	],
	// what was rolled back is not gone back to
	[
		["promote 2", "promote 3", "rollback 2"],
		[1, 2],
	],
	[
		["promote 2", "promote 3", "rollback 2", "promote 4"],
		[1, 2, 4],
	],
	[["promote 2", "promote 3", "rollback 1"], [1]],
	[["rollback 5"], [1, 5]],
	[
		["promote 2", "promote 2"],
		[1, 2],
	],
])("after %j the versions that had all traffic are %j", (steps, versions) => {
	expect(fullTraffic(history(...steps)).map(Number)).toEqual(versions);
});

test("entries are read as they were written, versions beyond 2^53 too, and what later programs write is left out", () => {
	const huge = 2n ** 63n - 1n;
	const entries: HistoryEntry[] = [
		...history("promote 2"),
		{
			time: "t",
			who: "w",
			action: "label",
			label: "a",
			version: huge,
			to: huge,
		},
		{ time: "t", who: "w", action: "add", version: 3n, message: 'a "b"\n' },
	];
	const json = JSON.parse(JSON.stringify(entries.map(historyJson)));
	expect(json[1].to).toBe("9223372036854775807");
	expect(readHistory([...json, { action: "fly" }, 7, null])).toEqual(entries);
});
