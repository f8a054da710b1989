import { installed } from "../../engines/installed.js";
import { MlshipError } from "../../errors.js";
import { findDaemon } from "../docker/daemon.js";
import { type Finding, ok, warning } from "../finding.js";
import { connect } from "../k8s/kubectl.js";
import { parsed } from "../k8s/live.js";

export interface Machine {
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly cwd: string;
	readonly signal: AbortSignal;
}

/** What runs models here. */
export function checkRuntime(): Finding[] {
	const native = installed("onnxruntime-node") !== undefined;
	return [
		ok(
			"node",
			`Node ${process.versions.node} on ${process.platform} ${process.arch}`,
		),
		native
			? ok("engine", "ONNX Runtime's own build runs models")
			: warning(
					"engine",
					"onnxruntime-node is not installed: its WebAssembly build runs models, and takes longer",
					"npm install onnxruntime-node",
				),
	];
}

/** Whether a daemon builds images. That there is none is no error for whom has none. */
export async function checkDocker({ env }: Machine): Promise<Finding> {
	try {
		const { host, version, platform, isPodman } = await findDaemon(env);
		const name = isPodman ? "Podman" : "Docker";
		return ok("docker", `${name} ${version} at ${host}, for ${platform}`);
	} catch (error) {
		if (!(error instanceof MlshipError)) throw error;
		return warning(
			"docker",
			`${error.message}; deploy docker writes a build context then`,
			error.hint,
		);
	}
}

/** What kubectl is there, and which cluster it speaks to. */
export interface KubectlState {
	readonly findings: readonly Finding[];
	/** Whether a cluster can be asked. */
	readonly isUsable: boolean;
}

/** Whether kubectl and a cluster are named; with a single context and none chosen, `--fix` chooses it. */
export async function checkKubectl(
	machine: Machine,
	context: string | undefined,
): Promise<KubectlState> {
	const kubectl = connect({ ...machine, context: undefined });
	let version: string;
	try {
		const text = await kubectl.run(["version", "--client", "-o", "json"]);
		const { clientVersion } = parsed<{
			clientVersion?: { gitVersion?: string };
		}>(text);
		version = clientVersion?.gitVersion ?? "of unknown version";
	} catch (error) {
		if (!(error instanceof MlshipError)) throw error;
		const text = `${error.message}; deploy k8s writes manifests without it`;
		return {
			findings: [warning("kubectl", text, error.hint)],
			isUsable: false,
		};
	}
	const found = ok("kubectl", `kubectl ${version}`);
	if (context !== undefined) return { findings: [found], isUsable: true };
	const names = await kubectl.attempt(["config", "get-contexts", "-o", "name"]);
	const contexts = names.stdout.split("\n").filter((name) => name !== "");
	const current = await kubectl.attempt(["config", "current-context"]);
	if (current.exitCode === 0) {
		const name = ok("context", current.stdout.trim());
		return { findings: [found, name], isUsable: true };
	}
	return { findings: [found, noContext(machine, contexts)], isUsable: false };
}

function noContext(machine: Machine, contexts: readonly string[]): Finding {
	if (contexts.length !== 1)
		return warning(
			"context",
			contexts.length === 0
				? "kubectl knows no cluster"
				: `kubectl knows ${contexts.length} clusters, and none is chosen`,
			contexts.length === 0
				? "mlship deploy k8s --create-cluster kind"
				: `kubectl config use-context ${contexts[0]}`,
		);
	const [only] = contexts;
	const command = ["config", "use-context", only];
	return {
		...warning(
			"context",
			`kubectl knows one cluster, ${only}, and it is not chosen`,
			`kubectl ${command.join(" ")}`,
		),
		fix: async () => {
			await connect({ ...machine, context: undefined }).run(command);
			return `chose ${only}`;
		},
	};
}
