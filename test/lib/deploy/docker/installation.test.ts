import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
	filesOf,
	packagesOf,
} from "../../../../src/lib/deploy/docker/installation.js";
import { SERVER_PACKAGES } from "../../../../src/lib/deploy/docker/parts.js";
import { parsePlatform } from "../../../../src/lib/deploy/docker/platform.js";

const AMD64 = parsePlatform("linux/amd64");
let root: string;

beforeEach(() => {
	root = realpathSync(mkdtempSync(join(tmpdir(), "mlship-installation-")));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A package at a place below the root, with dependencies by name. */
function install(
	place: string,
	dependencies: readonly string[] = [],
	more: Readonly<Record<string, unknown>> = {},
): string {
	const dir = join(root, place);
	mkdirSync(dir, { recursive: true });
	const name = place.replace(/^.*node_modules\//, "");
	const manifest = {
		name,
		version: "1.0.0",
		dependencies: Object.fromEntries(dependencies.map((each) => [each, "*"])),
		...more,
	};
	writeFileSync(join(dir, "package.json"), JSON.stringify(manifest));
	return dir;
}

/** What Node.js finds from each package where they lie, by place. */
function places(from: string): Record<string, string> {
	return Object.fromEntries(
		packagesOf(from, AMD64).map(({ place, dir }) => [
			place,
			dir.slice(root.length + 1),
		]),
	);
}

test("packages lie in the image so that each finds the ones that it finds here, twice where versions differ", () => {
	const own = install("node_modules/mlship", ["fastify", "pino"]);
	install("node_modules/fastify", ["a", "b"]);
	install("node_modules/a", ["b"]);
	install("node_modules/b", []);
	install("node_modules/pino", ["a", "b"]);
	install("node_modules/pino/node_modules/b", ["a"]);
	expect(places(own)).toEqual({
		fastify: "node_modules/fastify",
		pino: "node_modules/pino",
		a: "node_modules/a",
		b: "node_modules/b",
		"pino/node_modules/b": "node_modules/pino/node_modules/b",
	});
});

test("links, as pnpm makes them, are followed", () => {
	const own = install("store/mlship/node_modules/mlship", ["fastify"]);
	install("store/fastify/node_modules/fastify", ["a"]);
	install("store/a/node_modules/a");
	symlinkSync(
		join(root, "store/fastify/node_modules/fastify"),
		join(root, "store/mlship/node_modules/fastify"),
	);
	symlinkSync(
		join(root, "store/a/node_modules/a"),
		join(root, "store/fastify/node_modules/a"),
	);
	expect(places(own)).toEqual({
		fastify: "store/fastify/node_modules/fastify",
		a: "store/a/node_modules/a",
	});
});

test("what a server never loads, other platforms' libraries and dependencies that are optional and absent stay out", () => {
	const own = install("node_modules/mlship", ["dockerode", "h5wasm", "sharp"], {
		optionalDependencies: { "onnxruntime-node": "*" },
	});
	for (const name of ["dockerode", "h5wasm"]) install(`node_modules/${name}`);
	install("node_modules/sharp", [], {
		optionalDependencies: Object.fromEntries(
			["linux-x64", "linux-arm64", "linuxmusl-x64", "darwin-arm64"].map(
				(each) => [`@img/sharp-${each}`, "*"],
			),
		),
	});
	install("node_modules/@img/sharp-linux-x64", [], {
		os: ["linux"],
		cpu: ["x64"],
		libc: ["glibc"],
	});
	install("node_modules/@img/sharp-linux-arm64", [], {
		os: ["linux"],
		cpu: ["arm64"],
		libc: ["glibc"],
	});
	install("node_modules/@img/sharp-linuxmusl-x64", [], {
		os: ["linux"],
		cpu: ["x64"],
		libc: ["musl"],
	});
	install("node_modules/@img/sharp-darwin-arm64", [], {
		os: ["darwin"],
		cpu: ["arm64"],
	});
	expect(Object.keys(places(own))).toEqual(["@img/sharp-linux-x64", "sharp"]);
});

test("of ONNX Runtime one build goes in: the native one with one library, else WebAssembly with one module", () => {
	const own = install("node_modules/mlship", ["onnxruntime-web"], {
		optionalDependencies: { "onnxruntime-node": "*" },
	});
	const native = install("node_modules/onnxruntime-node", [
		"onnxruntime-common",
		"adm-zip",
	]);
	const web = install("node_modules/onnxruntime-web", [
		"onnxruntime-common",
		"protobufjs",
	]);
	install("node_modules/onnxruntime-common");
	for (const name of ["adm-zip", "protobufjs"]) install(`node_modules/${name}`);
	const write = (path: string) => {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, "");
	};
	for (const place of ["linux/x64", "linux/arm64", "darwin/arm64", "win32/x64"])
		write(join(native, `bin/napi-v6/${place}/onnxruntime_binding.node`));
	for (const name of [
		"ort.node.min.mjs",
		"ort-wasm-simd-threaded.wasm",
		"ort-wasm-simd-threaded.jsep.wasm",
		"ort.all.js",
	])
		write(join(web, "dist", name));
	expect(Object.keys(places(own))).toEqual([
		"onnxruntime-common",
		"onnxruntime-node",
	]);
	expect(
		filesOf({ name: "onnxruntime-node", dir: native }, AMD64).map(
			({ name }) => name,
		),
	).toEqual(["bin/napi-v6/linux/x64/onnxruntime_binding.node", "package.json"]);
	rmSync(join(native, "bin/napi-v6/linux/x64"), { recursive: true });
	expect(Object.keys(places(own))).toEqual([
		"onnxruntime-common",
		"onnxruntime-web",
	]);
	expect(
		filesOf({ name: "onnxruntime-web", dir: web }, AMD64).map(
			({ name }) => name,
		),
	).toEqual([
		"dist/ort-wasm-simd-threaded.wasm",
		"dist/ort.node.min.mjs",
		"package.json",
	]);
});

test("a dependency that is not installed is told by name", () => {
	const own = install("node_modules/mlship", ["fastify"]);
	install("node_modules/fastify", ["mlship-test-absent"]);
	expect(() => places(own)).toThrow(
		/cannot pack fastify: its dependency mlship-test-absent is not installed/,
	);
});

test("licences stay, sources, tests and pages do not", () => {
	const dir = install("node_modules/a");
	for (const name of [
		"LICENSE",
		"licence.md",
		"NOTICE",
		"index.js",
		"index.d.ts",
		"index.js.map",
		"README.md",
		"test/x.js",
		"lib/test/x.js",
		"docs/LICENSE",
	]) {
		mkdirSync(dirname(join(dir, name)), { recursive: true });
		writeFileSync(join(dir, name), "");
	}
	expect(filesOf({ name: "a", dir }, AMD64).map(({ name }) => name)).toEqual([
		"LICENSE",
		"NOTICE",
		"docs/LICENSE",
		"index.js",
		"lib/test/x.js",
		"licence.md",
		"package.json",
	]);
});

test("every package that the bundle asks for is one that goes into images, or one that no server asks for", () => {
	const names = readdirSync("bundle").flatMap((file) =>
		[
			...readFileSync(join("bundle", file), "utf8").matchAll(
				/(?:^import[^"'`]*|from\s*|import\()["'`]([@\w][\w./@-]*)["'`]/gm,
			),
		].map(([, name]) =>
			name
				.split("/")
				.slice(0, name.startsWith("@") ? 2 : 1)
				.join("/"),
		),
	);
	const packages = new Set(names.filter((name) => !isBuiltin(name)));
	const others = [...packages].filter((name) => !SERVER_PACKAGES.has(name));
	// terminals, files of Keras, kubectl, manifests, and engines that are installed beside mlship
	expect(
		others.filter(
			(name) => !/^(ora|h5wasm|execa|yaml|@tensorflow)$/.test(name),
		),
	).toEqual([]);
});
