import type { TarContent, TarEntry } from "../../formats/tar.js";

/** A folder of the build context: what it holds is what one layer adds to the root of the image. */
export interface ImageLayer {
	/** Its path in the context. */
	readonly folder: string;
	/** What it holds, for people. */
	readonly title: string;
	/** What is in it, seen from the image's root, without a slash at the front. */
	readonly files: readonly LayerFile[];
}

export interface LayerFile {
	readonly name: string;
	readonly content: TarContent;
}

export function layerBytes({ files }: ImageLayer): number {
	return files.reduce((sum, { content }) => sum + content.byteLength, 0);
}

/**
 * The entries of a layer in the context. Its folders are entries too: they give those in the image their times, without
 * which the same files would make another layer whenever they are built.
 */
export function layerEntries({ folder, files }: ImageLayer): TarEntry[] {
	const folders = new Set([`${folder}/`]);
	for (const { name } of files)
		for (const [slash] of [...name.matchAll(/\//g)].map(({ index }) => [index]))
			folders.add(`${folder}/${name.slice(0, slash + 1)}`);
	return [
		...[...folders].map((name) => ({ name, content: NOTHING, mode: 0o755 })),
		...files.map(({ name, content }) => ({
			name: `${folder}/${name}`,
			content,
			mode: 0o644,
		})),
	];
}

const NOTHING = new Uint8Array();
