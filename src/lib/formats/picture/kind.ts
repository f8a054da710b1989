export type PictureKind = "JPEG" | "PNG" | "GIF" | "BMP" | "WebP";

/** The bytes that a file of each kind begins with. */
const MAGIC: readonly (readonly [PictureKind, string])[] = [
	["JPEG", "\xff\xd8\xff"],
	["PNG", "\x89PNG\r\n\x1a\n"],
	["GIF", "GIF8"],
	["BMP", "BM"],
];

/** What kind of picture bytes are, by how they begin. */
export function pictureKind(bytes: Uint8Array): PictureKind | undefined {
	const head = String.fromCharCode(...bytes.subarray(0, 12));
	if (head.startsWith("RIFF") && head.endsWith("WEBP")) return "WebP";
	return MAGIC.find(([, magic]) => head.startsWith(magic))?.[0];
}
