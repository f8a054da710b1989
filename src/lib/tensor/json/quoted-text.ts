/** Text as rapidjson writes a string: unlike in JSON.stringify, control characters get capital hex digits. */
export function quotedText(text: string): string {
	return JSON.stringify(text).replace(
		/\\(?:u00([01][0-9a-f])|.)/g,
		(found, hex?: string) =>
			hex === undefined ? found : `\\u00${hex.toUpperCase()}`,
	);
}
