/** Items by a key, groups and members in the order of their first appearance. */
export function groupBy<T, Key>(
	items: readonly T[],
	keyOf: (item: T) => Key,
): Map<Key, T[]> {
	const groups = new Map<Key, T[]>();
	for (const item of items) {
		const key = keyOf(item);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [item]);
		else group.push(item);
	}
	return groups;
}
