/**
 * `roots` and all they depend on, dependencies first. Iterative, since real graphs are tens of thousands of nodes deep.
 * A dependency on something that is being visited (the back edge of a TensorFlow 1 loop) is not followed.
 */
export function dependenciesFirst<T>(
	roots: Iterable<T>,
	dependenciesOf: (item: T) => readonly T[],
): T[] {
	const ordered: T[] = [];
	const seen = new Set<T>();
	const stack: { item: T; dependencies: readonly T[]; next: number }[] = [];
	const visit = (item: T) => {
		if (seen.has(item)) return;
		seen.add(item);
		stack.push({ item, dependencies: dependenciesOf(item), next: 0 });
	};
	for (const root of roots) {
		visit(root);
		for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
			if (top.next < top.dependencies.length)
				visit(top.dependencies[top.next++]);
			else {
				ordered.push(top.item);
				stack.pop();
			}
		}
	}
	return ordered;
}
