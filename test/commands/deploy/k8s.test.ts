import {
	chmodSync,
	cpSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { type CliRun, runCli } from "../../run-cli.js";
import { REVIEWED } from "./manifests.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mlship-k8s-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Without any program on the PATH, unless a test brings some. */
function deploy(
	words: readonly string[],
	{ cwd = ROOT, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<CliRun> {
	const bare = { PATH: join(folder, "nothing"), HOME: folder };
	return runCli(["deploy", "k8s", ...words], { cwd, env: { ...bare, ...env } });
}

/** A project folder with models/digits. */
function project(name: string): string {
	const cwd = join(folder, name);
	cpSync(join(ROOT, "models/digits"), join(cwd, "models/digits"), {
		recursive: true,
	});
	return cwd;
}

test.each(Object.entries(REVIEWED))(
	"prints the manifests %s as they were reviewed, without kubectl or a cluster",
	async (name, words) => {
		const { code, stdout } = await deploy([...words, "--dry-run"]);
		expect(code).toBe(0);
		const file = join(ROOT, "fixtures/deploy/k8s", `${name}.yaml`);
		expect(stdout).toBe(readFileSync(file, "utf8"));
	},
);

/** Each is refused before anything is written, and another one is offered where names are wrong. */
const HOSTILE: readonly (readonly [string, readonly string[], RegExp])[] = [
	["upper case", ["--name", "Digits"], /use "digits"/],
	["an underscore", ["--name", "my_model"], /use "my-model"/],
	["dots", ["--name", "v1.2"], /use "v1-2"/],
	["64 characters", ["--name", "a".repeat(64)], /use "a{54}"/],
	["a name that begins with a digit", ["--name", "7up"], /use "model-7up"/],
	["nothing", ["--name", ""], /use "model"/],
	["a line of YAML", ["--name", "a\nkind: Secret"], /use "a-kind-secret"/],
	["a document of YAML", ["--name", "a\n---\nb"], /use "a-b"/],
	["a command of a shell", ["--name", "$(reboot)"], /use "reboot"/],
	["a path", ["--name", "../../etc"], /use "etc"/],
	["an escape of terminals", ["--name", "a\x1b[2Jb"], /use "a-2jb"/],
	["cyrillic letters", ["--name", "dіgits"], /use "d-gits"/],
	["an option", ["--name=--all"], /use "all"/],
	["a space in a namespace", ["--namespace", "my shop"], /use "my-shop"/],
	["a host as a gateway", ["--gateway", "a/b/c"], /NAMESPACE\/NAME/],
	[
		"a host name of spaces",
		["--gateway", "a", "--hostname", "a b"],
		/use "a-b"/,
	],
	["an image in upper case", ["--image", "Digits:1"], /use "digits"/],
	["a shell in an image", ["--image", "a;reboot"], /use "a-reboot"/],
	["a line in an image", ["--image", "a:1\nx"], /cannot use/],
	["a tag of spaces", ["--image", "a:b c"], /use "b-c"/],
	["half a digest", ["--image", "a@sha256:12"], /64 digits/],
	["a variable with a dash", ["--env", "A-B=1"], /use "A_B"/],
	["a variable without a value", ["--env", "AB"], /NAME=VALUE/],
	["a line's end in a value", ["--env", "A=1\nB: 2"], /control character/],
	["no network", ["--source", "1.2.3.4/33"], /203\.0\.113\.0\/24/],
	["a claim of slashes", ["--weights", "pvc=a/b"], /use "a-b"/],
	["weights nowhere", ["--weights", "s3://x"], /pvc=CLAIM/],
	["no nodes", ["--nodes", "0"], /from 1 to 5000/],
	["many nodes", ["--nodes", "1e9"], /from 1 to 5000/],
	["nodes of a shell", ["--nodes", "5;ls"], /from 1 to 5000/],
	[
		"fewer at most than at least",
		["--nodes", "5", "--max-replicas", "3"],
		/5 replicas/,
	],
	["no processors", ["--cpu", "0"], /2 or 500m/],
	["too little memory", ["--memory", "1Mi"], /512Mi/],
	["a secret of dots", ["--pull-secret", "a..b"], /use "a-b"/],
	["two deeds", ["--diff", "--rollback"], /both --diff and --rollback/],
	[
		"a cluster of spaces",
		["--create-cluster", "kind", "--cluster-name", "a b"],
		/use "a-b"/,
	],
	[
		"a region of a shell",
		["--create-cluster", "gke", "--region", "a;b"],
		/us-central1/,
	],
];

test.each(HOSTILE)("refuses %s, and writes nothing", async (_, words, said) => {
	const cwd = project("hostile");
	const { code, stderr, stdout } = await deploy(["digits", ...words], { cwd });
	expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
	expect(stderr).toMatch(said);
	// nothing of it moves a terminal's cursor
	expect(stderr).not.toContain("\x1b");
	expect(readdirSync(cwd)).toEqual(["models"]);
});

test("names objects after a model whose name Kubernetes would refuse, and serves it by its own", async () => {
	const cwd = join(folder, "names");
	const model = join(cwd, "models", "My_Digits.v2");
	cpSync(join(ROOT, "models/digits"), model, { recursive: true });
	const { stdout } = await deploy(["--dry-run", "--json"], { cwd });
	const { objects } = JSON.parse(stdout);
	const named = (kind: string) =>
		objects.find((one: { kind: string }) => one.kind === kind);
	expect(named("Deployment").metadata.name).toBe("my-digits-v2");
	expect(named("ConfigMap").data["models.config"]).toContain(
		'name: "My_Digits.v2"',
	);
});

describe("a folder of manifests", () => {
	test("is written anew as a whole, but for overlays that are there", async () => {
		const cwd = project("written");
		const record = join(cwd, "record.ndjson");
		const env = { MLSHIP_OUTPUT_FILE: record };
		const first = await deploy(["digits", "--nodes", "5"], { cwd, env });
		expect(first.code).toBe(0);
		expect(first.stdout).toContain("kubectl apply --server-side -k deploy/k8s");
		const overlay = join(
			cwd,
			"deploy/k8s/overlays/production/kustomization.yaml",
		);
		writeFileSync(overlay, "# mine\n");
		const second = await deploy(["digits", "--max-replicas", "2", "--json"], {
			cwd,
			env,
		});
		expect(JSON.parse(second.stdout).kept).toContain(
			"overlays/production/kustomization.yaml",
		);
		expect(readFileSync(overlay, "utf8")).toBe("# mine\n");
		// no autoscaler any more
		const base = readdirSync(join(cwd, "deploy/k8s/base"));
		expect(base).not.toContain("horizontal-pod-autoscaler.yaml");
		expect(readdirSync(join(cwd, "deploy/k8s"))).toEqual(["base", "overlays"]);
		const lines = readFileSync(record, "utf8").trim().split("\n");
		expect(lines.map((line) => JSON.parse(line).type)).toEqual([
			"manifests",
			"manifests",
		]);
	});

	test("of somebody else stays as it is", async () => {
		const cwd = project("foreign");
		const base = join(cwd, "deploy/k8s/base");
		mkdirSync(base, { recursive: true });
		writeFileSync(join(base, "deployment.yaml"), "kind: Deployment\n");
		const refused = await deploy(["digits"], { cwd });
		expect(refused.code).toBe(2);
		expect(refused.stderr).toContain("deployment.yaml in it was not made by");
		expect(readdirSync(base)).toEqual(["deployment.yaml"]);
		expect((await deploy(["digits", "--force"], { cwd })).code).toBe(0);
	});

	test("is not made of a version that is not whole", async () => {
		const cwd = project("half");
		rmSync(join(cwd, "models/digits/2/variables/variables.index"));
		const { code, stderr } = await deploy(["digits"], { cwd });
		expect(code).toBe(6);
		expect(stderr).toContain("cannot deploy version 2 of digits");
		expect(readdirSync(cwd)).toEqual(["models"]);
	});
});

test("without kubectl says so, and that manifests can be written", async () => {
	const { code, stderr } = await deploy([
		"digits",
		"--apply",
		"--image",
		"127.0.0.1:59999/digits:2",
	]);
	expect(code).toBe(6);
	expect(stderr).toContain("cannot find kubectl");
	expect(stderr).toContain("kubernetes.io/docs/tasks/tools");
});

describe("a new cluster", () => {
	// the providers' own documentation of these commands
	test.each([
		[
			"gke",
			/^gcloud container clusters create mlship --num-nodes 5 --zone us-central1-a$/m,
		],
		["eks", /^eksctl create cluster --name mlship .*--nodes 5 .*--managed$/m],
		[
			"aks",
			/^az aks create --resource-group mlship --name mlship --node-count 5 /m,
		],
		["kind", /^nodes:\n- role: control-plane\n(- role: worker\n){5}EOF$/m],
	])("at %s is planned, and nothing is run", async (provider, command) => {
		const given = ["--create-cluster", provider, "--nodes", "5"];
		const { code, stdout, stderr } = await deploy(given);
		expect(code).toBe(0);
		expect(stdout).toMatch(command);
		expect(stderr).toContain("nothing was run: add --yes");
		// nor is any program there
		expect((await deploy([...given, "--yes"])).code).toBe(6);
	});

	test("is made by the provider's own program, which is given words and no shell", async () => {
		const bin = join(folder, "bin");
		mkdirSync(bin, { recursive: true });
		const seen = join(folder, "seen");
		const program = `#!/bin/sh\necho making\n{ printf '%s\\n' "$@"; /bin/cat; } >> ${seen}\n`;
		writeFileSync(join(bin, "kind"), program);
		chmodSync(join(bin, "kind"), 0o755);
		const { code, stderr } = await deploy(
			["--create-cluster", "kind", "--nodes", "2", "--yes"],
			{ env: { PATH: bin } },
		);
		expect(code).toBe(0);
		expect(stderr).toContain("making");
		const text = readFileSync(seen, "utf8");
		expect(text).toMatch(/^create\ncluster\n--name\nmlship\n--config\n-\n/);
		expect(text.match(/role: worker/g)).toHaveLength(2);
	});

	test("that its program refuses to make is an error", async () => {
		const bin = join(folder, "refusing");
		mkdirSync(bin, { recursive: true });
		writeFileSync(join(bin, "kind"), "#!/bin/sh\necho no room >&2\nexit 3\n");
		chmodSync(join(bin, "kind"), 0o755);
		const { code, stderr } = await deploy(
			["--create-cluster", "kind", "--yes"],
			{
				env: { PATH: bin },
			},
		);
		expect(code).toBe(6);
		expect(stderr).toContain("no room");
		expect(stderr).toContain("ended with status 3");
	});
});
