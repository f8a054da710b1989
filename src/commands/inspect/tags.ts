/** `serve,gpu` as its tags, the empty string being the empty set (saved_model_utils.py); undefined where none is asked for. */
export function parseTags(
	option: string | undefined,
): readonly string[] | undefined {
	return option
		?.split(",")
		.map((tag) => tag.trim())
		.filter((tag) => tag !== "");
}
