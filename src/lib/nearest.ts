const OFFERED = 5;

/** Existing names, those closest to `name` first, at most five: for "did you mean" in errors. */
export function nearest(name: string, existing: Iterable<string>): string[] {
	return [...existing]
		.map((candidate) => ({
			candidate,
			distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
		}))
		.sort(
			(a, b) =>
				a.distance - b.distance || a.candidate.localeCompare(b.candidate),
		)
		.slice(0, OFFERED)
		.map(({ candidate }) => candidate);
}

/** `"a", "b"`, or "none" where there is nothing to choose from. */
export function quoted(names: readonly string[]): string {
	return names.length === 0
		? "none"
		: names.map((name) => `"${name}"`).join(", ");
}

/** Levenshtein distance, one row at a time; names are cut at 100 characters, as no useful offer is further away. */
function editDistance(from: string, to: string): number {
	const a = from.slice(0, 100);
	const b = to.slice(0, 100);
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const substitution = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
			next.push(Math.min(row[j] + 1, next[j - 1] + 1, substitution));
		}
		row = next;
	}
	return row[b.length];
}
