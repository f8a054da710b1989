import { createHash } from "node:crypto";
import { labelsOf } from "../labels.js";
import type { KubeObject } from "../object.js";
import {
	type ServedModel,
	type Service,
	type Track,
	trackName,
} from "../service.js";

/** Where a container finds its files, and the models. */
export const CONFIG_FOLDER = "/etc/mlship";
export const MODELS_FOLDER = "/models";
/** TensorFlow Serving's own place; mlship has metrics at /metrics whatever the file says. */
export const TFS_METRICS_PATH = "/monitoring/prometheus/metrics";

/**
 * What is served. Its name holds a hash of its content, so that a change starts pods and an older ReplicaSet goes on finding
 * its own one; what never changes needs no watching.
 */
export function configOf(service: Service, track: Track): KubeObject {
	const data: Record<string, string> = {
		"models.config": modelsConfig(service.models),
		...(service.runtime === "tfs" && {
			"monitoring.config": `prometheus_config {\n  enable: true\n  path: "${TFS_METRICS_PATH}"\n}\n`,
		}),
	};
	return {
		apiVersion: "v1",
		kind: "ConfigMap",
		metadata: {
			name: `${trackName(service, track)}-config-${hashOf(data)}`,
			namespace: service.namespace,
			labels: labelsOf(service, track),
		},
		immutable: true,
		data,
	};
}

/**
 * TensorFlow Serving's text format. Names of models, labels and versions hold no quote or backslash: they were checked where
 * they came from.
 */
export function modelsConfig(models: readonly ServedModel[]): string {
	const entries = models.flatMap(({ name, versions, labels }) => [
		"  config {",
		`    name: "${name}"`,
		`    base_path: "${MODELS_FOLDER}/${name}"`,
		'    model_platform: "tensorflow"',
		"    model_version_policy {",
		"      specific {",
		...versions.map((version) => `        versions: ${version}`),
		"      }",
		"    }",
		...Object.entries(labels).map(
			([label, version]) =>
				`    version_labels { key: "${label}" value: ${version} }`,
		),
		"  }",
	]);
	return ["model_config_list {", ...entries, "}", ""].join("\n");
}

function hashOf(data: Readonly<Record<string, string>>): string {
	return createHash("sha256")
		.update(JSON.stringify(data))
		.digest("hex")
		.slice(0, 10);
}
