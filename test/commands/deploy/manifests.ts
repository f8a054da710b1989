const digest = `sha256:${"0".repeat(64)}`;

/** What is asked for, and the file of manifests that were read line by line when they were made. */
export const REVIEWED: Readonly<Record<string, readonly string[]>> = {
	"five-nodes": [
		...["digits", "--nodes", "5", "--load-balancer"],
		...["--source", "203.0.113.0/24"],
		...["--image", `registry.example.com/team/digits@${digest}`],
	],
	routed: [
		...["digits@1", "--replicas", "2", "--max-replicas", "2"],
		...["--namespace", "shop", "--allow-namespace", "web"],
		...["--gateway", "infra/web", "--hostname", "digits.example.com"],
		...["--weights", `volume=registry.example.com/team/weights@${digest}`],
		...["--image", `registry.example.com/mlship@${digest}`],
		...["--pull-secret", "registry", "--cpu", "2500m", "--memory", "1Gi"],
		...["--env", "LOG=yes", "--strict"],
	],
	"tensorflow-serving": [
		...["digits", "--runtime", "tfs", "--weights", "pvc=models"],
		...["--image", `registry.example.com/tfs@${digest}`],
	],
};
