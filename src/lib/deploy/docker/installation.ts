import {
	existsSync,
	readdirSync,
	readFileSync,
	realpathSync,
	statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { asMlshipError, fail } from "../../errors.js";
import { isFile, isFolder, listFolder } from "../../formats/file.js";
import { fileRule, isLeftOut, type OnnxRuntime } from "./parts.js";
import type { Platform } from "./platform.js";

/** A package as it lies on this machine and in an image. */
export interface InstalledPackage {
	readonly name: string;
	readonly version: string;
	/** Absolute, links resolved. */
	readonly dir: string;
	/** Below the folder of the packages, as `fastify` or `fastify/node_modules/x`. */
	readonly place: string;
}

export interface PackageFile {
	/** Within its package, with slashes. */
	readonly name: string;
	readonly path: string;
	readonly byteLength: number;
}

interface Manifest {
	readonly name: string;
	readonly version: string;
	readonly dependencies?: Readonly<Record<string, string>>;
	readonly optionalDependencies?: Readonly<Record<string, string>>;
	readonly os?: readonly string[];
	readonly cpu?: readonly string[];
	readonly libc?: readonly string[];
}

/** The folder of the mlship that runs, and its version. Fails with NOT_READY where it is not built. */
export function ownPackage(): { dir: string; version: string } {
	let dir = dirname(fileURLToPath(import.meta.url));
	while (!isOwn(dir)) {
		const above = dirname(dir);
		if (above === dir)
			throw fail("BUG", `cannot find mlship's package above ${dir}`);
		dir = above;
	}
	if (!isFile(join(dir, "bundle", "main.js")))
		throw fail("NOT_READY", `cannot pack ${dir}: it is not built`, {
			hint: "run npm run build there",
		});
	return { dir, version: manifestOf(dir).version };
}

function isOwn(dir: string): boolean {
	return isFile(join(dir, "package.json")) && manifestOf(dir).name === "mlship";
}

function manifestOf(dir: string): Manifest {
	try {
		return JSON.parse(
			readFileSync(join(dir, "package.json"), "utf8"),
		) as Manifest;
	} catch (error) {
		throw asMlshipError(error);
	}
}

/**
 * The packages that a server loads, found from a package's folder as Node.js would find them, and where each comes to lie
 * so that Node.js finds the same ones there. Those for other platforms are left out, as are those of `parts.ts`.
 */
export function packagesOf(
	root: string,
	platform: Platform,
): InstalledPackage[] {
	const runtime = onnxRuntime(root, platform);
	const placed = new Map<string, InstalledPackage>();
	const queue: { dir: string; place: string | undefined }[] = [
		{ dir: realpathSync(root), place: undefined },
	];
	for (const { dir, place } of queue) {
		const { name: owner, dependencies, optionalDependencies } = manifestOf(dir);
		for (const name of Object.keys({
			...dependencies,
			...optionalDependencies,
		})) {
			if (isLeftOut(owner, name, runtime)) continue;
			const found = findPackage(dir, name);
			if (found === undefined) {
				if (optionalDependencies?.[name] !== undefined) continue;
				throw fail(
					"NOT_READY",
					`cannot pack ${owner}: its dependency ${name} is not installed`,
					{ hint: "run npm install again" },
				);
			}
			const manifest = manifestOf(found);
			if (!runsOn(manifest, platform)) continue;
			const there = visible(placed, place, name);
			if (there?.dir === found) continue;
			const own = there === undefined ? name : `${place}/node_modules/${name}`;
			const { version } = manifest;
			placed.set(own, { name, version, dir: found, place: own });
			queue.push({ dir: found, place: own });
		}
	}
	return [...placed.values()].sort((a, b) => (a.place < b.place ? -1 : 1));
}

/** The native one where it is installed with a library for the platform, which its package has of several. */
export function onnxRuntime(root: string, { arch }: Platform): OnnxRuntime {
	const dir = findPackage(root, "onnxruntime-node");
	const bin = dir === undefined ? "" : join(dir, "bin");
	const isNative =
		isFolder(bin) &&
		listFolder(bin).some((api) =>
			isFile(join(bin, api, "linux", arch, "onnxruntime_binding.node")),
		);
	return isNative ? "onnxruntime-node" : "onnxruntime-web";
}

/** Node's way: `node_modules` of each folder above (ECMAScript modules, PACKAGE_RESOLVE). */
function findPackage(from: string, name: string): string | undefined {
	for (let dir = from; ; dir = dirname(dir)) {
		const candidate = join(dir, "node_modules", name);
		if (isFile(join(candidate, "package.json"))) return realpathSync(candidate);
		if (dirname(dir) === dir) return undefined;
	}
}

/** What a package at a place sees under a name. */
function visible(
	placed: ReadonlyMap<string, InstalledPackage>,
	place: string | undefined,
	name: string,
): InstalledPackage | undefined {
	const parts = place?.split("/node_modules/") ?? [];
	for (let depth = parts.length; depth > 0; depth--) {
		const inside = [...parts.slice(0, depth), name].join("/node_modules/");
		const found = placed.get(inside);
		if (found !== undefined) return found;
	}
	return placed.get(name);
}

function runsOn({ os, cpu, libc }: Manifest, { arch }: Platform): boolean {
	return (
		(os?.includes("linux") ?? true) &&
		(cpu?.includes(arch) ?? true) &&
		(libc?.includes("glibc") ?? true)
	);
}

/** The files of a package that a server reads, packages below it not counted. */
export function filesOf(
	{ name, dir }: Pick<InstalledPackage, "name" | "dir">,
	platform: Platform,
): PackageFile[] {
	const isWanted = fileRule(name, platform.arch);
	return [...walk(dir, "")].filter((file) => isWanted(file.name));
}

function* walk(dir: string, prefix: string): Generator<PackageFile> {
	const entries = readdirSync(join(dir, prefix), { withFileTypes: true });
	for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
		const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
		const path = join(dir, name);
		if (entry.name === "node_modules" || entry.name.startsWith(".")) continue;
		if (isFolder(path)) yield* walk(dir, name);
		else if (existsSync(path))
			yield { name, path, byteLength: statSync(path).size };
	}
}
