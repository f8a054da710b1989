import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCE = join(ROOT, "src");

/** Lowest first: a folder may import what stands before it, and its own kind where `SIBLINGS` does not forbid it. */
const LAYERS: readonly (readonly string[])[] = [
	["gen"],
	["lib/errors.ts", "lib/nearest.ts"],
	["lib/tensor", "lib/formats"],
	["lib/savedmodel", "lib/onnx", "lib/lite", "lib/repository"],
	["lib/graph", "lib/ops"],
	["lib/host"],
	["lib/passes", "lib/keras", "lib/tfjs"],
	["lib/targets"],
	["lib/steps"],
	["lib/engines"],
	["lib/convert", "lib/client", "lib/serving"],
	["lib/release"],
	["lib/deploy"],
	["lib/index.ts", "commands", "main.ts"],
];

/** Folders whose members never import one another. */
const STRANGERS = ["lib/targets", "lib/engines", "commands"] as const;

/** Where a third-party module may be imported; `node:` modules may be used everywhere. */
const THIRD_PARTY: Readonly<Record<string, readonly string[]>> = {
	"@bufbuild/protobuf": [""],
	chalk: ["commands"],
	ora: ["commands"],
	commander: ["commands", "main.ts"],
	"onnxruntime-common": ["lib/engines/onnx"],
	"onnxruntime-node": ["lib/engines/onnx"],
	"onnxruntime-web": ["lib/engines/onnx"],
	sharp: ["lib/tensor/image.ts", "lib/formats/picture"],
	flatbuffers: ["lib/formats/flatbuffer"],
	fflate: ["lib/tensor/npy.ts", "lib/tensor/npz.ts", "lib/formats"],
	h5wasm: ["lib/formats/hdf5.ts"],
	re2js: ["lib/host/string"],
	fastify: ["lib/serving"],
	"@grpc/grpc-js": ["lib/serving/grpc", "lib/client"],
	pino: ["lib/serving"],
	"prom-client": ["lib/serving/metrics"],
	dockerode: ["lib/deploy/docker"],
	execa: ["lib/deploy"],
	yaml: ["lib/deploy"],
};

interface Import {
	readonly from: string;
	readonly to: string;
}

const FILES = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
	.filter((path) => /\.tsx?$/.test(path))
	.map((path) => path.replaceAll("\\", "/"));
const HAND_WRITTEN = FILES.filter((path) => !path.startsWith("gen/"));
const TEXTS = new Map(
	FILES.map((path) => [path, readFileSync(join(SOURCE, path), "utf8")]),
);
const IMPORTS = FILES.flatMap(importsOf);
const LOCAL = IMPORTS.filter(({ to }) => to.startsWith(".")).map(
	({ from, to }) => ({ from, to: resolved(from, to) }),
);

test("a folder imports only what is below it", () => {
	const wrong = LOCAL.filter(({ from, to }) => layerOf(to) > layerOf(from));
	expect(shown(wrong)).toEqual([]);
});

test("targets, engines and commands do not know one another", () => {
	const wrong = LOCAL.filter(({ from, to }) =>
		STRANGERS.some((folder) => {
			const [a, b] = [memberOf(folder, from), memberOf(folder, to)];
			return a !== undefined && b !== undefined && a !== b;
		}),
	);
	expect(shown(wrong)).toEqual([]);
});

test("third-party modules are imported only where they belong", () => {
	const wrong = IMPORTS.filter(
		({ to }) => !to.startsWith(".") && !to.startsWith("node:"),
	).filter(({ from, to }) => {
		const name = to.startsWith("@")
			? to.split("/").slice(0, 2).join("/")
			: to.split("/")[0];
		return !(THIRD_PARTY[name] ?? []).some((place) => from.startsWith(place));
	});
	expect(shown(wrong)).toEqual([]);
});

test("no hand-written file is longer than 500 lines", () => {
	const long = HAND_WRITTEN.filter(
		(path) => text(path).split("\n").length > 501,
	);
	expect(long).toEqual([]);
});

test("files are named by a noun of the field", () => {
	expect(
		HAND_WRITTEN.filter((path) =>
			/(^|\/)(utils?|helpers?|common|misc|manager)(\.|\/|-)/i.test(path),
		),
	).toEqual([]);
});

test.each([
	["exports by default", /^export default/m, "src"],
	[
		"escapes the type checker",
		/\bas any\b|: any\b|<any>|@ts-ignore|@ts-expect-error|biome-ignore/,
		"src",
	],
	["leaves a note to itself", /\b(TODO|FIXME|XXX|HACK)\b/, "src"],
	[
		"prints, exits or reads the command line",
		/console\.|process\.(exit|argv|stdout|stderr)\b/,
		"lib/",
	],
	["swallows an error", /catch\s*(\([^)]*\))?\s*\{\s*\}/, "src"],
] as const)("no file %s", (_, pattern, folder) => {
	const paths = HAND_WRITTEN.filter(
		(path) => folder === "src" || path.startsWith(folder),
	);
	expect(paths.filter((path) => pattern.test(text(path)))).toEqual([]);
});

test("a name of an operation is compared only in its table or in a pattern", () => {
	// restoring a checkpoint is described by nodes of the graph too
	const allowed = /^lib\/(ops|host|passes|targets|graph|savedmodel)\//;
	const compared = /\bop\s*[!=]==?\s*"/;
	expect(
		HAND_WRITTEN.filter(
			(path) => !allowed.test(path) && compared.test(text(path)),
		),
	).toEqual([]);
});

function text(path: string): string {
	return TEXTS.get(path) ?? "";
}

function importsOf(path: string): Import[] {
	const found = text(path).matchAll(
		/(?:^|\n)(?:import|export)\s[^;"']*?from\s+["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s+["']([^"']+)["']/g,
	);
	return [...found].map(([, from, dynamic, bare]) => ({
		from: path,
		to: from ?? dynamic ?? bare,
	}));
}

function resolved(from: string, to: string): string {
	const path = relative(SOURCE, join(SOURCE, from, "..", to)).replaceAll(
		"\\",
		"/",
	);
	return path.replace(
		/\.js$/,
		TEXTS.has(path.replace(/\.js$/, ".ts")) ? ".ts" : ".tsx",
	);
}

function layerOf(path: string): number {
	const layer = LAYERS.findIndex((names) =>
		names.some((name) => path === name || path.startsWith(`${name}/`)),
	);
	if (layer < 0)
		throw new Error(
			`${path} belongs to no layer: give it a place in test/layers.test.ts`,
		);
	return layer;
}

/** The file or folder below `folder` that a path belongs to; index files and contracts belong to all. */
function memberOf(folder: string, path: string): string | undefined {
	if (!path.startsWith(`${folder}/`)) return undefined;
	const member = path.slice(folder.length + 1).split("/")[0];
	const shared = [
		"index.ts",
		"engine.ts",
		"installed.ts",
		"obstacles.ts",
		"load.ts",
		"open.ts",
		"pool",
		"prepare.ts",
		"state",
		"state.ts",
		"target.ts",
		"convert.ts",
		"context.ts",
		"options.ts",
		"options",
		"choice.ts",
		"model-file.ts",
		"readers.ts",
		"source.ts",
		"interruption.ts",
		"ui",
	];
	return shared.includes(member) ? undefined : member.replace(/\.tsx?$/, "");
}

function shown(imports: readonly Import[]): string[] {
	return imports.map(({ from, to }) => `${from} imports ${to}`);
}
