import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { asMlshipError, fail, type MlshipError } from "../errors.js";
import type { Disk } from "../formats/disk.js";
import { readTextIfThere, statPath } from "../formats/file.js";
import { isObject } from "./release.js";

/** Where a version's digests are, below its folder; TensorFlow's loaders look at nothing there. */
export const MANIFEST_FILE = "assets.extra/mlship_manifest.json";

/** The files of a version, by their paths with `/`. */
export interface Manifest {
	readonly files: ReadonlyMap<string, FileDigest>;
	/** The SHA-256 of the manifest itself, in hexadecimal digits. */
	readonly digest: string;
}

export interface FileDigest {
	readonly size: number;
	/** In hexadecimal digits. */
	readonly sha256: string;
}

/** Reads each file of a version once. */
export async function makeManifest(
	dir: string,
	madeAt: Date,
): Promise<{ readonly text: string; readonly digest: string }> {
	const files: Record<string, FileDigest> = {};
	for (const name of listFiles(dir))
		files[name] = await digestOf(join(dir, name));
	const manifest = { format: FORMAT, made: madeAt.toISOString(), files };
	const text = `${JSON.stringify(manifest, null, "\t")}\n`;
	return { text, digest: sha256(text) };
}

const FORMAT = 1;

/** Writes a version's manifest, and gives its digest. */
export async function writeManifest(
	disk: Disk,
	dir: string,
	madeAt: Date,
): Promise<string> {
	const { text, digest } = await makeManifest(dir, madeAt);
	disk.makeFolder(join(dir, "assets.extra"));
	disk.write(join(dir, MANIFEST_FILE), text);
	disk.sync(join(dir, "assets.extra"));
	disk.sync(dir);
	return digest;
}

/** The manifest of a version; undefined where it has none. Fails with CORRUPT. */
export function readManifest(dir: string): Manifest | undefined {
	const path = join(dir, MANIFEST_FILE);
	const text = readTextIfThere(path, MAX_BYTES);
	if (text === undefined) return undefined;
	const broken = (reason: string) =>
		fail("CORRUPT", `cannot read ${path}: ${reason}`, { at: { file: path } });
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (cause) {
		throw broken(`it is no JSON: ${(cause as Error).message}`);
	}
	if (!isObject(value) || value.format !== FORMAT || !isObject(value.files))
		throw broken(`it is no manifest of format ${FORMAT}`);
	const files = Object.entries(value.files).map(([name, file]) => {
		const { size, sha256: digest } = isObject(file) ? file : {};
		if (typeof size !== "number" || !/^[0-9a-f]{64}$/.test(String(digest)))
			throw broken(`"${name}" has no size and digest`);
		return [name, { size, sha256: String(digest) }] as const;
	});
	return { files: new Map(files), digest: sha256(text) };
}

const MAX_BYTES = 16 * 1024 ** 2;

/** How a version's files are held against its manifest. */
export interface ManifestCheck {
	/** What the digest of the manifest itself has to be, where somebody else remembers it. */
	readonly digest?: string | undefined;
}

/**
 * Compares every byte of a version with its manifest. Fails with MISMATCH, all that differs being told, with NOT_FOUND for a
 * version without a manifest.
 */
export async function checkManifest(
	dir: string,
	{ digest }: ManifestCheck = {},
): Promise<Manifest> {
	const manifest = readManifest(dir);
	if (manifest === undefined)
		throw fail(
			"NOT_FOUND",
			`cannot verify ${dir}: it has no ${MANIFEST_FILE}`,
			{
				hint: "run mlship version verify --record, if the version is as it should be",
				at: { path: dir },
			},
		);
	const problems =
		digest !== undefined && manifest.digest !== digest
			? [`${MANIFEST_FILE} is not the one that was written when it was added`]
			: [];
	problems.push(...differingSizes(manifest, sizesOf(dir)));
	// what has another size has another digest
	if (problems.length === 0)
		for (const [name, wanted] of manifest.files) {
			const { sha256: found } = await digestOf(join(dir, name));
			if (found !== wanted.sha256) problems.push(`${name} was altered`);
		}
	if (problems.length > 0) throw altered(dir, problems);
	return manifest;
}

function altered(dir: string, problems: readonly string[]): MlshipError {
	return fail(
		"MISMATCH",
		`cannot trust ${dir}: ${problems.slice(0, MOST_TOLD).join("; ")}${problems.length > MOST_TOLD ? `; and ${problems.length - MOST_TOLD} more` : ""}`,
		{ at: { path: dir } },
	);
}

const MOST_TOLD = 10;

/** What is missing, of another size, or not in the manifest; reads no file. */
export function differingSizes(
	{ files }: Manifest,
	found: ReadonlyMap<string, number>,
): string[] {
	const problems: string[] = [];
	for (const [name, { size }] of files) {
		const has = found.get(name);
		if (has === undefined) problems.push(`${name} is not there`);
		else if (has !== size)
			problems.push(`${name} has ${has} bytes, ${size} are in the manifest`);
	}
	for (const name of found.keys())
		if (!files.has(name)) problems.push(`${name} is not in the manifest`);
	return problems;
}

/** The bytes of each of `listFiles`; of one that is away by now none. */
export function sizesOf(dir: string): ReadonlyMap<string, number> {
	return new Map(
		listFiles(dir).flatMap((name) => {
			const stats = statPath(join(dir, name));
			return stats === undefined ? [] : [[name, stats.size] as const];
		}),
	);
}

/**
 * The files below a version's folder but for the manifest, sorted. Hidden ones, which file systems and desktops leave, are
 * none of the model's. A link is a file of its own.
 */
export function listFiles(dir: string): string[] {
	try {
		return readdirSync(dir, { recursive: true, withFileTypes: true })
			.filter((entry) => !entry.isDirectory())
			.map(({ parentPath, name }) =>
				join(parentPath, name)
					.slice(dir.length)
					.replaceAll("\\", "/")
					.replace(/^\/+/, ""),
			)
			.filter((name) => name !== MANIFEST_FILE && !/(^|\/)\./.test(name))
			.sort();
	} catch (error) {
		throw asMlshipError(error);
	}
}

const BLOCK = 2 ** 20;

/** Block by block, so that a server answers meanwhile. */
async function digestOf(path: string): Promise<FileDigest> {
	const hash = createHash("sha256");
	let size = 0;
	try {
		const file = await open(path);
		try {
			const block = Buffer.allocUnsafe(BLOCK);
			for (;;) {
				const { bytesRead } = await file.read(block, 0, BLOCK);
				if (bytesRead === 0) break;
				hash.update(block.subarray(0, bytesRead));
				size += bytesRead;
			}
		} finally {
			await file.close();
		}
	} catch (error) {
		throw asMlshipError(error);
	}
	return { size, sha256: hash.digest("hex") };
}

function sha256(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}
