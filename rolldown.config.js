import { defineConfig } from "rolldown";

/**
 * What stands for packages that dockerode names and a build by its API never uses: BuildKit's sessions, contexts from folders,
 * daemons behind SSH. With them every installation would compile native code.
 */
const STAND_INS = {
	ssh2: "module.exports = {};",
	"./session": "module.exports = () => undefined;",
	"./buildkit": "module.exports = {};",
	protobufjs: "module.exports = {};",
	"tar-fs": "module.exports = {};",
	"@balena/dockerignore": "module.exports = () => undefined;",
	debug: "module.exports = () => () => undefined;",
	"readable-stream": 'module.exports = require("node:stream");',
};

function standIns() {
	return {
		name: "stand-ins",
		resolveId: (id, importer = "") =>
			id in STAND_INS && /\/(dockerode|docker-modem)\//.test(importer)
				? `\0${id}`
				: undefined,
		load: (id) => (id.startsWith("\0") ? STAND_INS[id.slice(1)] : undefined),
	};
}

/**
 * The command line as a few files: Node opens and compiles hundreds of small modules slower than it decodes a model.
 * Packages with native parts, and those that only a server needs, stay packages.
 */
export default defineConfig({
	input: {
		main: "dist/main.js",
		// each engine looks for its worker beside its own file
		worker: "dist/lib/engines/onnx/worker.js",
		// a process that optimizes models, which is found like a worker
		optimizer: "dist/lib/engines/onnx/optimizer.js",
		// a thread that reads models while the main one answers
		"loader-thread": "dist/lib/serving/loading/loader-thread.js",
		"tfjs-worker": "dist/lib/engines/tfjs/tfjs-worker.js",
		"tfjs-node-worker": "dist/lib/engines/tfjs-node/tfjs-node-worker.js",
	},
	external: [
		/^node:/,
		/^onnxruntime-/,
		"sharp",
		"fastify",
		"@grpc/grpc-js",
		"pino",
		"prom-client",
		"ora",
		"fflate",
		"h5wasm",
		"re2js",
		"execa",
		"yaml",
	],
	plugins: [standIns()],
	platform: "node",
	output: {
		dir: "bundle",
		format: "esm",
		entryFileNames: "[name].js",
		chunkFileNames: "[name]-[hash].js",
		cleanDir: true,
		// docstrings are for readers of the sources
		comments: { jsdoc: false },
	},
});
