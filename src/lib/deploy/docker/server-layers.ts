import { readFileSync } from "node:fs";
import { join } from "node:path";
import { asMlshipError } from "../../errors.js";
import {
	filesOf,
	type InstalledPackage,
	onnxRuntime,
	ownPackage,
	packagesOf,
} from "./installation.js";
import type { ImageLayer, LayerFile } from "./layer.js";
import type { Platform } from "./platform.js";

export interface ServerLayers {
	/** What changes seldom first. */
	readonly layers: readonly ImageLayer[];
	/** What the image can not do, and how it could. */
	readonly warnings: readonly string[];
}

/**
 * The mlship that runs, as layers of an image: ONNX Runtime, sharp and the other packages from where they are installed, then
 * mlship itself. Nothing is downloaded.
 */
export function serverLayers(platform: Platform): ServerLayers {
	const own = ownPackage();
	const packages = packagesOf(own.dir, platform);
	const hasSharp = packages.some(({ name }) => /^@img\/sharp-linux/.test(name));
	const layers = GROUPS.map(({ folder, title }) => ({
		folder,
		title,
		files: packages
			.filter(
				({ place }) =>
					GROUPS.find((group) => group.isMember(place))?.folder === folder,
			)
			.filter(({ name }) => hasSharp || name !== "sharp")
			.flatMap((each) => packageFiles(each, platform)),
	})).filter(({ files }) => files.length > 0);
	return {
		layers: [...layers, ownLayer(own.dir, hasSharp, platform)],
		warnings: [
			...(onnxRuntime(own.dir, platform) === "onnxruntime-node"
				? []
				: [WITHOUT_NATIVE]),
			...(hasSharp ? [] : [withoutSharp(platform)]),
		],
	};
}

/** The first group that takes a package has it. */
const GROUPS = [
	{
		folder: "server/onnxruntime",
		title: "ONNX Runtime",
		isMember: (place: string) => place.startsWith("onnxruntime-"),
	},
	{
		folder: "server/sharp",
		title: "sharp, for WebP",
		isMember: (place: string) => /^(sharp|@img)(\/|$)/.test(place),
	},
	{
		folder: "server/packages",
		title: "other packages",
		isMember: () => true,
	},
] as const;

function packageFiles(
	found: InstalledPackage,
	platform: Platform,
): LayerFile[] {
	return filesOf(found, platform).map(({ name, path, byteLength }) => ({
		name: `app/node_modules/${found.place}/${name}`,
		content: { path, byteLength },
	}));
}

function ownLayer(
	dir: string,
	hasSharp: boolean,
	platform: Platform,
): ImageLayer {
	const files = filesOf({ name: "mlship", dir }, platform).map(
		({ name, path, byteLength }) => ({
			name: `app/mlship/${name}`,
			content: { path, byteLength },
		}),
	);
	const scripts = ["check.mjs", "healthcheck.mjs"].map((name) => ({
		name: `app/${name}`,
		content: readTemplate(name),
	}));
	return {
		folder: "server/mlship",
		title: "mlship",
		files: [...files, ...scripts, ...(hasSharp ? [] : STAND_IN)],
	};
}

/** A file of templates/docker. */
export function readTemplate(name: string): Uint8Array {
	try {
		return readFileSync(join(ownPackage().dir, "templates", "docker", name));
	} catch (error) {
		throw asMlshipError(error);
	}
}

/** What stands for sharp where it has no library for the platform: the server starts, and says so when it is asked. */
const STAND_IN: readonly LayerFile[] = [
	{
		name: "app/node_modules/sharp/package.json",
		content: Buffer.from(
			`${JSON.stringify({ name: "sharp", version: "0.0.0", main: "index.js" })}\n`,
		),
	},
	{
		name: "app/node_modules/sharp/index.js",
		content: Buffer.from(
			'module.exports = () => { throw new Error("sharp is not in this image"); };\n',
		),
	},
];

const WITHOUT_NATIVE =
	"models run slower in the image, by ONNX Runtime's WebAssembly build, as onnxruntime-node is not installed: run ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node";

function withoutSharp({ name, arch }: Platform): string {
	return `WebP pictures cannot be read in the image, as sharp is not installed for ${name}: run npm install --no-save --force @img/sharp-linux-${arch} @img/sharp-libvips-linux-${arch}`;
}
