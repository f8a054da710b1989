import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { asMlshipError, fail } from "../../errors.js";
import { parseImage } from "../image-reference.js";
import type { KubeObject } from "./object.js";
import type { Service } from "./service.js";
import { MARK, yamlOf } from "./yaml.js";

/** A file of a folder of manifests, its path within it with slashes. */
export interface ManifestFile {
	readonly path: string;
	readonly text: string;
}

/**
 * What `kubectl apply -k` reads: a base that is ours alone, and two overlays that are the user's as soon as they are there.
 */
export function filesOf(
	service: Service,
	objects: readonly KubeObject[],
): ManifestFile[] {
	const base = objects.map((object) => ({
		path: `base/${fileName(object)}`,
		value: object as unknown,
	}));
	const resources = base.map(({ path }) => path.slice("base/".length));
	return [
		...base,
		{ path: "base/kustomization.yaml", value: kustomization({ resources }) },
		{
			path: "overlays/production/kustomization.yaml",
			value: production(service),
		},
		{
			path: "overlays/trial/kustomization.yaml",
			value: trial(service, objects),
		},
	].map(({ path, value }) => ({ path, text: `${MARK}\n${yamlOf(value)}` }));
}

/** Where the files went, and the overlays that were there and stay as they are. */
export interface Written {
	readonly files: readonly string[];
	readonly kept: readonly string[];
}

/**
 * Writes manifests into a folder: the base as a whole or not at all, overlays where there are none. Fails with INVALID where
 * the base holds a file that is not ours, unless `force`.
 */
export function writeFiles(
	dir: string,
	files: readonly ManifestFile[],
	{ force = false }: { readonly force?: boolean | undefined } = {},
): Written {
	const base = join(dir, "base");
	const made = join(dir, `.base.making-${process.pid}`);
	const old = join(dir, `.base.replaced-${process.pid}`);
	try {
		if (!force) checkOurs(base);
		mkdirSync(made, { recursive: true });
		for (const { path, text } of files)
			if (path.startsWith("base/"))
				writeFileSync(join(made, path.slice("base/".length)), text);
		if (existsSync(base)) renameSync(base, old);
		renameSync(made, base);
		const overlays = files.filter(({ path }) => !path.startsWith("base/"));
		const kept = overlays.filter(({ path }) => existsSync(join(dir, path)));
		for (const file of overlays)
			if (!kept.includes(file)) writeWhole(join(dir, file.path), file.text);
		return {
			files: files
				.filter((file) => !kept.includes(file))
				.map(({ path }) => path),
			kept: kept.map(({ path }) => path),
		};
	} catch (error) {
		if (existsSync(old) && !existsSync(base)) renameSync(old, base);
		throw asMlshipError(error);
	} finally {
		rmSync(made, { recursive: true, force: true });
		rmSync(old, { recursive: true, force: true });
	}
}

function writeWhole(path: string, text: string): void {
	mkdirSync(dirname(path), { recursive: true });
	const made = `${path}.making-${process.pid}`;
	writeFileSync(made, text);
	renameSync(made, path);
}

function checkOurs(base: string): void {
	if (!existsSync(base)) return;
	const foreign = readdirSync(base, { withFileTypes: true }).find(
		(entry) =>
			!entry.isFile() ||
			!readFileSync(join(base, entry.name), "utf8").startsWith(MARK),
	);
	if (foreign !== undefined)
		throw fail(
			"INVALID",
			`cannot replace ${base}: ${foreign.name} in it was not made by mlship`,
			{
				hint: "give another folder by --out, or --force to replace it",
				at: { path: base },
			},
		);
}

/** `deployment.yaml`; where a kind comes twice, with the name. */
function fileName({ kind, metadata }: KubeObject): string {
	const kindName = kind
		.replace(/(?<=[a-z])(?=[A-Z])/g, "-")
		.toLowerCase()
		.replace("config-map", "config");
	const isUsual = /-(?:headless|canary)$/.exec(metadata.name)?.[0] ?? "";
	return `${kindName}${isUsual}.yaml`;
}

function kustomization(
	fields: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
	return {
		apiVersion: "kustomize.config.k8s.io/v1beta1",
		kind: "Kustomization",
		...fields,
	};
}

/** The base with the image that a pipeline sets: `kustomize edit set image NAME=REGISTRY/NAME@sha256:…`. */
function production({ image }: Service): Record<string, unknown> {
	const { repository, tag, digest } = parseImage(image);
	return kustomization({
		resources: ["../../base"],
		images: [
			{
				name: repository,
				newName: repository,
				...(digest !== undefined ? { digest } : { newTag: tag ?? "latest" }),
			},
		],
	});
}

/** One replica in a namespace of its own, for a look at a change. */
function trial(
	service: Service,
	objects: readonly KubeObject[],
): Record<string, unknown> {
	const { name, replicas, maxReplicas } = service;
	const namespace = `${service.namespace.slice(0, 57)}-trial`;
	const renamed = objects.some(({ kind }) => kind === "Namespace");
	const set = (kind: string, target: string, values: object) => ({
		target: { kind, name: target },
		patch: yamlOf(
			Object.entries(values).map(([path, value]) => ({
				op: "add",
				path,
				value,
			})),
		),
	});
	return kustomization({
		namespace,
		resources: ["../../base"],
		patches: [
			...(renamed
				? [set("Namespace", service.namespace, { "/metadata/name": namespace })]
				: []),
			maxReplicas > replicas
				? set("HorizontalPodAutoscaler", name, {
						"/spec/minReplicas": 1,
						"/spec/maxReplicas": 2,
					})
				: set("Deployment", name, { "/spec/replicas": 1 }),
		],
	});
}
