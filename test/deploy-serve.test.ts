import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runCli } from "./run-cli.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What deploy docker sets in its images, which the manifests have to get along with. */
const IMAGE = {
	MLSHIP_HOST: "0.0.0.0",
	MLSHIP_IN_IMAGE: "1",
	MLSHIP_MODELS: "/models",
	MLSHIP_VERSIONS: "all",
};

test("a server that is started as the manifests say answers their probes and serves their versions", async () => {
	const { stdout } = await runCli(
		["deploy", "k8s", "digits@1", "--dry-run", "--json"],
		{ cwd: ROOT },
	);
	const { objects } = JSON.parse(stdout);
	const find = (kind: string) =>
		objects.find((one: { kind: string }) => one.kind === kind);
	const [container] = find("Deployment").spec.template.spec.containers;
	const folder = mkdtempSync(join(tmpdir(), "mlship-container-"));
	for (const [name, text] of Object.entries(find("ConfigMap").data))
		writeFileSync(
			join(folder, name),
			// of a container there is only the file system missing
			String(text).replaceAll('"/models/', `"${join(ROOT, "models")}/`),
		);
	const args = (container.args as string[]).map((arg) =>
		arg
			.replace("/etc/mlship", folder)
			.replace(/^--port=8500$/, "--port=auto")
			.replace(/^--rest_api_port=8501$/, "--rest_api_port=0"),
	);
	const variables = container.env.map(
		({ name, value }: { name: string; value: string }) => [name, value],
	);
	const child = spawn(
		process.execPath,
		[join(ROOT, "bin/mlship.js"), "serve", ...args],
		{ env: { ...process.env, ...IMAGE, ...Object.fromEntries(variables) } },
	);
	try {
		const base = await addressOf(child);
		const probes = ["startupProbe", "readinessProbe", "livenessProbe"].map(
			(name) => container[name].httpGet.path,
		);
		for (const path of probes) await answers(base + path);
		await answers(`${base}/metrics`);
		const status = await fetch(`${base}/v1/models/digits`);
		expect(await status.json()).toMatchObject({
			model_version_status: [{ version: "1", state: "AVAILABLE" }],
		});
	} finally {
		child.kill("SIGKILL");
		await once(child, "exit");
		rmSync(folder, { recursive: true, force: true });
	}
}, 120_000);

/** Where it says that it serves. */
function addressOf(child: ReturnType<typeof spawn>): Promise<string> {
	return new Promise((resolve, reject) => {
		let said = "";
		const hear = (data: Buffer): void => {
			said += data;
			const [, port] = /http:\/\/[\w.]+:(\d+)/.exec(said) ?? [];
			if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
		};
		child.stdout?.on("data", hear);
		child.stderr?.on("data", hear);
		child.on("exit", () => reject(new Error(said)));
	});
}

/** Sooner or later: what loads is not ready yet. */
async function answers(url: string): Promise<void> {
	await expect
		.poll(async () => (await fetch(url)).status, { timeout: 60_000 })
		.toBe(200);
}
