import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { REGISTRY, startCluster, type TestCluster } from "./cluster/cluster.js";

const FIXTURES = fileURLToPath(new URL("../fixtures/deploy", import.meta.url));
const started = await startCluster();
const absence = typeof started === "string" ? started : undefined;
const cluster = started as TestCluster;
afterAll(() => {
	if (absence === undefined) cluster.stop();
});

/** A pod's fate is in its image's name there: test/cluster/README.md. */
const image = (tag: string): string => `${REGISTRY}/digits:${tag}`;

/** A small service, which rolls out at once. */
const small = (name: string, ...words: string[]): string[] => [
	...["models/digits", "--name", name, "--replicas", "2"],
	...["--max-replicas", "2", "--cpu", "100m", ...words],
];

async function imageOf(name: string): Promise<string> {
	return cluster.kubectl(
		...["get", "deployment", name, "--namespace", name, "-o"],
		"jsonpath={.spec.template.spec.containers[0].image}",
	);
}

async function weightsOf(name: string): Promise<unknown> {
	const text = await cluster.kubectl(
		...["get", "httproute", name, "--namespace", name, "-o", "json"],
	);
	const { rules } = JSON.parse(text).spec;
	return Object.fromEntries(
		rules
			.at(-1)
			.backendRefs.map(({ name: backend, weight }: never) => [backend, weight]),
	);
}

const title = `a real Kubernetes${absence === undefined ? "" : `, which is not here: ${absence}`}`;
const TIMEOUT = { timeout: 600_000 };

describe.skipIf(absence !== undefined)(title, TIMEOUT, () => {
	test("refuses a canary where no route shares out requests", async () => {
		const given = small("routeless", "--image", image("1"));
		expect(await cluster.deploy(...given, "--apply")).toMatchObject({
			code: 0,
		});
		const canary = ["--canary", "digits@1=10", "--image", image("2")];
		const none = await cluster.deploy(...given, ...canary);
		expect(none.code).toBe(5);
		expect(none.stderr).toContain("no route shares them out by weight");
		const unknown = await cluster.deploy(
			...given,
			...canary,
			"--gateway",
			"web",
		);
		expect(unknown.code).toBe(5);
		expect(unknown.stderr).toContain("does not know the Gateway API");
	});

	describe.concurrent("has", () => {
		test("five replicas on five nodes, a load balancer, a new version and the one before again", async () => {
			const record = join(cluster.folder, "record.ndjson");
			const words = (version: string): string[] => [
				...["deploy", "k8s", `digits@${version}`, "--name", "five"],
				...["--nodes", "5", "--load-balancer", "--image", image(version)],
			];
			const apply = (version: string, ...more: string[]) =>
				cluster.mlship([...words(version), "--apply", ...more], {
					MLSHIP_OUTPUT_FILE: record,
				});
			const first = await apply("1");
			expect(first).toMatchObject({ code: 0 });
			expect(first.stdout).toContain("5 replicas on 5 nodes");
			expect(first.stdout).toContain("http://127.0.0.1:8501/v1/models/digits");
			const nodes = await cluster.kubectl(
				...["get", "pods", "--namespace", "five", "-o"],
				"jsonpath={range .items[*]}{.spec.nodeName}{'\\n'}{end}",
			);
			expect(nodes.trim().split("\n").sort()).toEqual(
				[1, 2, 3, 4, 5].map((n) => `node-${n}`),
			);
			const same = await cluster.mlship([...words("1"), "--diff"]);
			expect(same).toMatchObject({ code: 0, stdout: "" });
			const differs = await cluster.mlship([...words("2"), "--diff"]);
			expect(differs.code).toBe(8);
			expect(differs.stdout).toContain(image("2"));

			const second = await apply("2", "--json");
			expect(second.code).toBe(0);
			const [{ release, address, replicas }] = JSON.parse(
				second.stdout,
			).clusters;
			expect({ release, address, replicas }).toEqual({
				release: 2,
				address: "127.0.0.1",
				replicas: 5,
			});
			expect(await imageOf("five")).toBe(image("2"));
			const back = await cluster.deploy("--name", "five", "--rollback");
			expect(back).toMatchObject({ code: 0 });
			expect(await imageOf("five")).toBe(image("1"));
			const lines = readFileSync(record, "utf8").trim().split("\n");
			expect(
				lines.map((line) => {
					const { type, image: used, release: id } = JSON.parse(line);
					return [type, used, id];
				}),
			).toEqual([
				["apply", image("1"), 1],
				["apply", image("2"), 2],
			]);
		});

		test("what serves go on serving when an image cannot be pulled, crashes or is never ready, and names the cause", async () => {
			const name = "broken";
			const apply = (tag: string, ...more: string[]) =>
				cluster.deploy(
					...small(name, "--image", image(tag), "--apply", ...more),
				);
			expect(await apply("1")).toMatchObject({ code: 0 });

			const pull = await apply("never-pulls");
			expect(pull.code).toBe(6);
			expect(pull.stderr).toContain(
				`cannot roll out broken: the image ${image("never-pulls")} cannot be pulled`,
			);
			const crash = await apply("crash-loops", "--json");
			expect(crash.code).toBe(6);
			const { error } = JSON.parse(crash.stdout);
			expect(error.at).toMatchObject({ reason: "CrashLoopBackOff" });
			// what the simulated kubelet has for a log
			expect(error.message).toContain("no container runs here");
			const never = await apply("never-ready", "--timeout", "4s");
			expect(never.code).toBe(7);
			expect(never.stderr).toContain("HTTP probe failed with statuscode: 503");
			const large = await apply("2", "--cpu", "64", "--timeout", "4s");
			expect(large.code).toBe(6);
			expect(large.stderr).toContain("Insufficient cpu");

			const available = await cluster.kubectl(
				...["get", "deployment", name, "--namespace", name, "-o"],
				"jsonpath={.status.availableReplicas}",
			);
			expect(available).toBe("2");
			const back = await cluster.deploy("--name", name, "--rollback");
			expect(back).toMatchObject({ code: 0 });
			expect(await imageOf(name)).toBe(image("1"));
		});

		test("a canary that gets its part when it answers, is promoted, and the next one rolled back", async () => {
			await cluster.kubectl(
				...["apply", "--server-side", "-f", join(FIXTURES, "httproutes.yaml")],
			);
			await cluster.kubectl(
				...["wait", "--for=condition=Established", "--timeout=30s"],
				"crd/httproutes.gateway.networking.k8s.io",
			);
			const name = "trial";
			const web = [
				"--gateway",
				"infra/web",
				"--hostname",
				"digits.example.com",
			];
			const stable = [
				"digits@1",
				...small(name).slice(1),
				"--image",
				image("1"),
			];
			const deploy = (...words: string[]) => cluster.deploy(...words);
			expect(await deploy(...stable, ...web, "--apply")).toMatchObject({
				code: 0,
			});
			expect(await weightsOf(name)).toEqual({ [name]: 100 });

			const broken = await deploy(
				...["digits", "--name", name, "--canary", "digits@2=10"],
				...["--image", image("crash-loops")],
			);
			expect(broken.code).toBe(6);
			// nothing was sent to what never answered
			expect(await weightsOf(name)).toEqual({ [name]: 100 });

			const canary = ["digits", "--name", name, "--image", image("2")];
			const ten = await deploy(...canary, "--canary", "digits@2=10");
			expect(ten).toMatchObject({ code: 0 });
			expect(ten.stderr).toContain("no controller has answered for gateway");
			expect(await weightsOf(name)).toEqual({ [name]: 90, "trial-canary": 10 });
			const half = await deploy(...canary, "--canary", "digits@2=50%");
			expect(half).toMatchObject({ code: 0 });
			expect(await weightsOf(name)).toEqual({ [name]: 50, "trial-canary": 50 });
			const refused = await deploy(...stable, ...web, "--apply");
			expect(refused.code).toBe(8);

			const promoted = await deploy("--name", name, "--promote");
			expect(promoted).toMatchObject({ code: 0 });
			expect(await imageOf(name)).toBe(image("2"));
			expect(await weightsOf(name)).toEqual({ [name]: 100 });
			const left = await cluster.kubectl(
				...["get", "deployments,services", "--namespace", name, "-o", "name"],
			);
			expect(left).not.toContain("canary");
			expect((await deploy("--name", name, "--promote")).code).toBe(3);

			const next = ["digits", "--name", name, "--image", image("3")];
			expect(await deploy(...next, "--canary", "digits@1=20")).toMatchObject({
				code: 0,
			});
			expect(await deploy("--name", name, "--rollback")).toMatchObject({
				code: 0,
			});
			expect(await weightsOf(name)).toEqual({ [name]: 100 });
			expect(await imageOf(name)).toBe(image("2"));
		});

		test("warnings and the command for more nodes, where there are fewer than were asked for", async () => {
			const given = ["digits", "--name", "seven", "--nodes", "7"];
			const check = [...given, "--cpu", "100m", "--dry-run=server"];
			const fewer = await cluster.deploy(...check);
			expect(fewer.code).toBe(0);
			expect(fewer.stderr).toContain(
				"5 worker nodes are ready, 7 were asked for",
			);
			expect(fewer.stderr).toContain("kwokctl scale node");
			const strict = await cluster.deploy(...check, "--strict");
			expect(strict.code).toBe(6);
		});

		test("manifests that Pod Security's level restricted takes without a warning, of any kind", async () => {
			await cluster.kubectl("create", "namespace", "strict");
			await cluster.kubectl(
				...["label", "namespace", "strict"],
				...["enforce", "warn"].map(
					(mode) => `pod-security.kubernetes.io/${mode}=restricted`,
				),
			);
			for (const kind of [
				[],
				["--runtime", "tfs"],
				["--weights", "pvc=models"],
				["--weights", `volume=${image("weights")}`],
			]) {
				const run = await cluster.deploy(
					...small("strict", ...kind, "--dry-run=server", "--json"),
				);
				expect(run).toMatchObject({ code: 0 });
				expect(JSON.parse(run.stdout).clusters[0].warnings).toEqual([]);
			}
		});

		test("a list of what was applied where a quota stops the rest", async () => {
			await cluster.kubectl("create", "namespace", "half");
			await cluster.kubectl(
				...["create", "quota", "one", "--namespace", "half"],
				"--hard=count/services=1",
			);
			const { code, stderr } = await cluster.deploy(
				...small("half", "--apply"),
			);
			expect(code).toBe(6);
			expect(stderr).toMatch(
				/exceeded quota.*; applied: serviceaccount\/half.*service\/half\b.*; not applied: service\/half-headless, deployment\/half/,
			);
		});

		test("quotas, which are looked at before anything is applied", async () => {
			await cluster.kubectl("create", "namespace", "tight");
			await cluster.kubectl(
				...["create", "quota", "two", "--namespace", "tight", "--hard=pods=2"],
			);
			const { code, stderr } = await cluster.deploy(
				...small("tight", "--apply"),
			);
			expect(code).toBe(6);
			expect(stderr).toContain("quota two leaves 2 of pods, 3 are needed");
			expect(
				await cluster.kubectl("get", "deployments", "--namespace", "tight"),
			).toBe("");
		});

		test("no rights for somebody, which is told before anything is applied", async () => {
			const KUBECONFIG = cluster.otherConfig("nobody", (text) =>
				text.replace("user: {token:", "user: {as: nobody, token:"),
			);
			const { code, stderr } = await cluster.mlship(
				["deploy", "k8s", ...small("denied", "--apply")],
				{ KUBECONFIG },
			);
			expect(code).toBe(9);
			expect(stderr).toContain("no right in namespace denied to");
			expect(stderr).toContain("create, patch");
			expect(await cluster.kubectl("get", "namespaces")).not.toContain(
				"denied",
			);
		});

		test("an address that nobody answers at", async () => {
			const KUBECONFIG = cluster.otherConfig("gone", (text) =>
				text.replace(/https:\/\/127\.0\.0\.1:\d+/, "https://127.0.0.1:59998"),
			);
			const { code, stderr } = await cluster.mlship(
				["deploy", "k8s", ...small("gone", "--apply")],
				{ KUBECONFIG },
			);
			expect(code).toBe(6);
			expect(stderr).toContain("refused");
			const context = await cluster.deploy(
				...small("gone", "--apply", "--context", "nowhere"),
			);
			expect(context.code).toBe(3);
		});

		test("two contexts, of which the second is left alone where the first fails", async () => {
			const KUBECONFIG = cluster.otherConfig("two", (text) =>
				text.replace(
					"contexts:\n",
					"contexts:\n- {name: other, context: {cluster: mlship-test, user: admin}}\n",
				),
			);
			const both = ["--context", "mlship-test", "--context", "other"];
			const good = await cluster.mlship(
				["deploy", "k8s", ...small("both", "--image", image("1"))].concat(
					both,
					"--apply",
					"--json",
				),
				{ KUBECONFIG },
			);
			expect(good.code).toBe(0);
			expect(
				JSON.parse(good.stdout).clusters.map(
					(one: { context: string }) => one.context,
				),
			).toEqual(["mlship-test", "other"]);
			const bad = await cluster.mlship(
				[
					"deploy",
					"k8s",
					...small("both", "--image", image("never-pulls")),
				].concat(both, "--apply"),
				{ KUBECONFIG },
			);
			expect(bad.code).toBe(6);
			expect(bad.stderr).toContain("in mlship-test");
		});

		test("variables with the values that were given, whatever characters they are of", async () => {
			const value = `"a": [b] # c 'd' \\n $(HOME) $$ {{ e }} <<EOF; rm -rf / `;
			const run = await cluster.deploy(
				...small("values", "--image", image("1"), "--apply"),
				...["--env", `NAME=${value}`, "--env", "OTHER=0o7", "--env", "EMPTY="],
			);
			expect(run).toMatchObject({ code: 0 });
			const text = await cluster.kubectl(
				...["get", "deployment", "values", "--namespace", "values", "-o"],
				"jsonpath={.spec.template.spec.containers[0].env}",
			);
			// a kubelet makes $ of $$, and replaces $(NAME) otherwise
			expect(JSON.parse(text).slice(1)).toEqual([
				{ name: "NAME", value: value.replaceAll("$", "$$$$") },
				{ name: "OTHER", value: "0o7" },
				{ name: "EMPTY" },
			]);
		});

		test("a Deployment of somebody else, which is not taken over", async () => {
			await cluster.kubectl("create", "namespace", "theirs");
			await cluster.kubectl(
				...["create", "deployment", "theirs", "--namespace", "theirs"],
				"--image=example.com/x",
			);
			const run = await cluster.deploy(...small("theirs", "--apply"));
			expect(run.code).toBe(2);
			expect(run.stderr).toContain("was not made by mlship");
		});

		test("no fewer replicas when an autoscaler takes over", async () => {
			const fixed = ["digits", "--name", "over", "--cpu", "100m"];
			const counts = ["--replicas", "4", "--image", image("1"), "--apply"];
			const deploy = (...words: string[]) =>
				cluster.deploy(...fixed, ...counts, ...words);
			expect(await deploy("--max-replicas", "4")).toMatchObject({ code: 0 });
			expect(await deploy()).toMatchObject({ code: 0 });
			const events = await cluster.kubectl(
				...["get", "events", "--namespace", "over", "-o"],
				"jsonpath={range .items[*]}{.message}{'\\n'}{end}",
			);
			expect(events).not.toMatch(/Scaled down .* from 4 to 1/);
			// and it goes again with its autoscaler
			const back = await deploy("--max-replicas", "4", "--json");
			expect(JSON.parse(back.stdout).clusters[0].deleted).toContain(
				"horizontalpodautoscaler/over",
			);
		});

		test("folders of manifests that kubectl builds and the server takes", async () => {
			const out = join(cluster.folder, "manifests");
			const words = small("files", "--out", out, "--image", image("1"));
			expect(await cluster.deploy(...words)).toMatchObject({ code: 0 });
			for (const name of ["production", "trial"]) {
				const folder = join(out, "overlays", name);
				expect(existsSync(join(folder, "kustomization.yaml"))).toBe(true);
				const built = await cluster.kubectl("kustomize", folder);
				const file = join(cluster.folder, `${name}.yaml`);
				writeFileSync(file, built);
				await cluster.kubectl("apply", "--server-side", "-f", file);
			}
			const spaces = await cluster.kubectl("get", "deployments", "-A");
			expect(spaces).toMatch(/^files +files +/m);
			expect(spaces).toMatch(/^files-trial +files +/m);
		});
	});
});
