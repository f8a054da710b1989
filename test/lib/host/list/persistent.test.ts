import { expect, test } from "vitest";
import { PersistentArray } from "../../../../src/lib/host/list/persistent.js";

const item = (value: number) => ({ value });
const values = (array: PersistentArray<{ value: number }>) =>
	array.toArray().map((found) => found?.value);

test.each([0, 1, 31, 32, 33, 1024, 1025, 40_000])(
	"%d items come back in their order, and each can be replaced while the old state stays",
	(size) => {
		const items = Array.from({ length: size }, (_, i) => item(i));
		const array = PersistentArray.of(items);
		expect(array.toArray()).toEqual(items);
		if (size === 0) return;
		const changed = array.set(size - 1, item(-1));
		expect(changed.get(size - 1)).toEqual({ value: -1 });
		expect(array.get(size - 1)).toEqual({ value: size - 1 });
		expect(changed.get(0)).toEqual({ value: size === 1 ? -1 : 0 });
	},
);

test("items pushed one by one grow the tree", () => {
	let array = PersistentArray.empty<{ value: number }>(0);
	for (let i = 0; i < 1100; i++) array = array.push(item(i));
	expect(values(array)).toEqual(Array.from({ length: 1100 }, (_, i) => i));
});

test.each([
	[3, 2],
	[40, 33],
	[1100, 5],
])(
	"what was cut off from %d to %d items is unset when it grows again",
	(size, cut) => {
		const array = PersistentArray.of(
			Array.from({ length: size }, (_, i) => item(i)),
		);
		const again = array.resized(cut).resized(size);
		expect(again.size).toBe(size);
		expect(again.get(cut - 1)).toEqual({ value: cut - 1 });
		expect(again.get(cut)).toBeUndefined();
		expect(again.get(size - 1)).toBeUndefined();
		expect(array.get(size - 1)).toEqual({ value: size - 1 });
	},
);

test("a long array of unset places takes no memory", () => {
	const array = PersistentArray.empty<{ value: number }>(2 ** 31 - 1);
	const set = array.set(2 ** 31 - 2, item(7));
	expect(set.get(2 ** 31 - 2)).toEqual({ value: 7 });
	expect(set.get(2 ** 31 - 3)).toBeUndefined();
});
