#!/usr/bin/env node
/**
 * `npm run test:client`: TensorFlow's own client, the Python package tensorflow-serving-api, against `mlship serve`. MLSHIP_PYTHON
 * names a Python that has it (else python3). Is skipped, and says so, where there is none.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const MODEL =
	"fixtures/models/tensorflow-serving/saved_model_half_plus_two_cpu";
const NAME = "half_plus_two";
const SKIPPED = 77;
const PYTHON = process.env.MLSHIP_PYTHON ?? "python3";

const root = fileURLToPath(new URL("../..", import.meta.url));
const port = await freePort();
const server = spawn(
	process.execPath,
	[
		"bin/mlship.js",
		"serve",
		"--quiet",
		`--port=${port}`,
		"--rest_api_port=0",
		`--model_name=${NAME}`,
		`--model_base_path=${root}${MODEL}`,
	],
	{ cwd: root, stdio: ["ignore", "pipe", "inherit"] },
);
const ended = once(server, "exit");
try {
	await Promise.race([once(server.stdout, "data"), ended]);
	process.exitCode = await ask(`127.0.0.1:${port}`);
} finally {
	server.kill("SIGTERM");
	await ended;
}

/** The client's exit status; 0 where it is skipped. */
async function ask(place) {
	const client = spawn(PYTHON, ["test/client/predictions.py", place, NAME], {
		cwd: root,
		stdio: ["ignore", "inherit", "pipe"],
	});
	let told = "";
	client.stderr.on("data", (text) => {
		told += text;
	});
	try {
		const [code] = await once(client, "exit");
		if (code === 0) return 0;
		if (code === SKIPPED)
			return skip("the package tensorflow-serving-api or TensorFlow is absent");
		console.error(told);
		return 1;
	} catch (error) {
		return skip(`${PYTHON} cannot be run: ${error.message}`);
	}
}

function skip(reason) {
	console.log(`skipped TensorFlow's own client: ${reason}`);
	return 0;
}

async function freePort() {
	const holder = createServer().listen(0, "127.0.0.1");
	await once(holder, "listening");
	const { port } = holder.address();
	holder.close();
	await once(holder, "close");
	return port;
}
