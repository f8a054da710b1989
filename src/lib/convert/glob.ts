/** Whether names match a pattern as Python's fnmatch has it: `*`, `?`, `[a-z]`, `[!a-z]`; slashes are characters like others. */
export function globMatcher(glob: string): (name: string) => boolean {
	const source = glob.replace(
		/\*|\?|\[(!?)([^\]]+)\]|[\s\S]/g,
		(part, not: string | undefined, set: string | undefined) => {
			if (part === "*") return "[\\s\\S]*";
			if (part === "?") return "[\\s\\S]";
			if (set === undefined) return part.replace(/[\\^$.*+?()[\]{}|]/, "\\$&");
			return `[${not === "!" ? "^" : ""}${set.replace(/[\\^[\]]/g, "\\$&")}]`;
		},
	);
	const pattern = new RegExp(`^${source}$`);
	return (name) => pattern.test(name);
}
