import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { type CliRun, runCli } from "../run-cli.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mlship-doctor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A kubectl that answers as these lines of a shell's `case` say, by its words behind the time limit and the context. */
function kubectl(name: string, answers: string): Record<string, string> {
	const bin = join(folder, name);
	mkdirSync(bin, { recursive: true });
	const program = `#!/bin/sh
echo "$*" >> ${bin}/asked
while :; do case $1 in --request-timeout=*|--context=*) shift;; *) break;; esac; done
case "$*" in
${answers}
"version --client"*) echo '{"clientVersion":{"gitVersion":"v1.36.3"}}';;
*) echo "error: not expected: $*" >&2; exit 1;;
esac
`;
	writeFileSync(join(bin, "kubectl"), program);
	chmodSync(join(bin, "kubectl"), 0o755);
	return { PATH: bin };
}

function doctor(
	words: readonly string[],
	env: Record<string, string> = { PATH: join(folder, "nothing") },
	cwd = ROOT,
): Promise<CliRun> {
	const bare = { HOME: folder, DOCKER_HOST: "tcp://127.0.0.1:59999" };
	return runCli(["doctor", ...words], { cwd, env: { ...bare, ...env } });
}

test("what is not installed is a warning with what to type, and no failure", async () => {
	const { code, stdout } = await doctor([]);
	expect(code).toBe(0);
	expect(stdout).toMatch(/^ok {7}models +2 versions of digits$/m);
	expect(stdout).toMatch(/^warning {2}docker +cannot reach a Docker daemon/m);
	expect(stdout).toMatch(/^warning {2}kubectl +cannot find kubectl/m);
	expect(stdout).toContain("https://kubernetes.io/docs/tasks/tools");
	expect(stdout).toMatch(/^0 errors, \d+ warnings$/m);
});

test("a cluster that does not answer is an error, with the status of the table", async () => {
	const env = kubectl(
		"silent",
		`"version -o json"*) echo "Unable to connect to the server: dial tcp: i/o timeout" >&2; exit 1;;`,
	);
	const { code, stdout } = await doctor(["--context", "prod", "--json"], env);
	expect(code).toBe(6);
	const { findings } = JSON.parse(stdout);
	expect(findings.at(-1)).toMatchObject({
		check: "cluster",
		status: "error",
		code: "NOT_READY",
		exit: 6,
		text: expect.stringContaining("i/o timeout"),
	});
});

test("a cluster that is too old, without rights and with fewer nodes is told all of that at once", async () => {
	const env = kubectl(
		"old",
		`"version -o json"*) echo '{"serverVersion":{"gitVersion":"v1.27.3","minor":"27+"}}';;
"get namespace"*) ;;
"get --raw /apis"*) echo '{"groups":[]}';;
"create --filename=-"*) while read -r line; do :; done; echo "create namespaces true"; echo "patch deployments false"; echo "list pods false";;
"get nodes"*) echo '{"items":[{"metadata":{"name":"a"},"spec":{"providerID":"gce://p/us-central1-a/a"},"status":{"conditions":[{"type":"Ready","status":"True"}]}},{"metadata":{"name":"b"},"spec":{"unschedulable":true}}]}';;
"get resourcequotas"*) echo '{"items":[]}';;`,
	);
	const words = ["--context", "gke_p_us-central1-a_web", "--nodes", "3"];
	const { code, stdout } = await doctor(words, env);
	// the first error is that of the version: valid, and cannot be done
	expect(code).toBe(5);
	expect(stdout).toMatch(
		/error +cluster +Kubernetes v1\.27\.3 lacks .*sleep.*1\.30/,
	);
	expect(stdout).toContain("to patch deployments; list pods");
	expect(stdout).toContain(
		"1 worker node is ready, 1 more take no pods, 3 were asked for (GKE)",
	);
	expect(stdout).toContain(
		"gcloud container clusters resize web --num-nodes 3 --zone us-central1-a",
	);
	const asked = readFileSync(join(folder, "old/asked"), "utf8");
	// reviews of rights are the only thing that is created, and keep nothing
	expect(asked).not.toMatch(/ (apply|delete|patch|edit) /);
});

test("--fix chooses the only cluster, and takes away what killed writers left", async () => {
	const env = kubectl(
		"one",
		`"config get-contexts"*) echo prod;;
"config current-context"*) echo "error: current-context is not set" >&2; exit 1;;
"config use-context prod") echo chosen;;`,
	);
	const cwd = join(folder, "project");
	const model = join(cwd, "models/digits");
	cpSync(join(ROOT, "models/digits"), model, { recursive: true });
	// no process has that number (pid_max is 4194304 at most), and this one has its own
	const left = join(model, ".3.making-4194305");
	const alive = join(model, `.4.making-${process.pid}`);
	for (const path of [left, alive]) mkdirSync(path);
	const told = await doctor([], env, cwd);
	expect(told.stdout).toContain("next: mlship doctor --fix mends 2 of them");
	expect(existsSync(left)).toBe(true);
	const fixed = await doctor(["--fix"], env, cwd);
	expect(fixed.stdout).toMatch(/^fixed {4}context +chose prod$/m);
	expect(existsSync(left)).toBe(false);
	expect(existsSync(alive)).toBe(true);
	expect(readFileSync(join(folder, "one/asked"), "utf8")).toContain(
		"config use-context prod",
	);
});

test("a version that is not whole is told with what is missing", async () => {
	const cwd = join(folder, "half");
	cpSync(join(ROOT, "models/digits"), join(cwd, "models/digits"), {
		recursive: true,
	});
	rmSync(join(cwd, "models/digits/2/variables/variables.index"));
	const { stdout } = await doctor([], undefined, cwd);
	expect(stdout).toMatch(/warning +models +version 2 of digits is not whole/);
});

test.each([
	[["--namespace", "My Shop"], /use "my-shop"/],
	[["--image", "A:1"], /use "a"/],
	[["--nodes", "none"], /from 1 to 5000/],
])("%j is refused", async (words, said) => {
	const { code, stderr } = await doctor(words);
	expect(code).toBe(2);
	expect(stderr).toMatch(said);
});
