import { fail } from "../../errors.js";
import { onnxFileAt } from "../../onnx/file.js";
import { readRelease } from "../../serving/release.js";
import type { DeployedModel } from "../models.js";
import type { LayerFile } from "./layer.js";

/**
 * TensorFlow Serving's configuration of models, versions and labels. Fails with UNSUPPORTED for what it cannot serve; a split
 * of requests is a warning.
 */
export async function tfsConfig(
	models: readonly DeployedModel[],
): Promise<{ files: LayerFile[]; warnings: string[] }> {
	const configs: string[] = [];
	const warnings: string[] = [];
	for (const model of models) {
		refuseOnnx(model);
		const { labels, split } = await readRelease(model.dir);
		if (split !== undefined)
			warnings.push(
				`the split of ${model.name} has no effect: TensorFlow Serving has none, and requests without a version get the latest one`,
			);
		configs.push(modelConfig(model, labels));
	}
	const file = (name: string, text: string): LayerFile => ({
		name: `config/${name}`,
		content: Buffer.from(text),
	});
	return {
		files: [
			file("models.config", `model_config_list {\n${configs.join("")}}\n`),
			file(
				"monitoring.config",
				'prometheus_config { enable: true path: "/monitoring/prometheus/metrics" }\n',
			),
		],
		warnings,
	};
}

function refuseOnnx({ name, versions }: DeployedModel): void {
	for (const { version, dir } of versions)
		if (onnxFileAt(dir) !== undefined)
			throw fail(
				"UNSUPPORTED",
				`cannot serve version ${version} of ${name} with TensorFlow Serving: it is an ONNX file`,
				{ hint: "leave out --runtime tfs", at: { model: name } },
			);
}

function modelConfig(
	{ name, versions }: DeployedModel,
	labels: ReadonlyMap<string, bigint>,
): string {
	const numbers = versions.map(({ version }) => `versions: ${version}`);
	const labelled = [...labels].filter(([, label]) =>
		versions.some(({ version }) => version === label),
	);
	return [
		"  config {",
		`    name: ${textProtoString(name)}`,
		`    base_path: ${textProtoString(`/models/${name}`)}`,
		'    model_platform: "tensorflow"',
		`    model_version_policy { specific { ${numbers.join(" ")} } }`,
		...labelled.map(
			([label, version]) =>
				`    version_labels { key: ${textProtoString(label)} value: ${version} }`,
		),
		"  }",
		"",
	].join("\n");
}

/** A string literal of the text format: all but plain characters as octal escapes of their bytes. */
function textProtoString(text: string): string {
	const bytes = [...Buffer.from(text)].map((byte) => {
		const character = String.fromCharCode(byte);
		return /[ !#-&(-[\]-~]/.test(character)
			? character
			: `\\${byte.toString(8).padStart(3, "0")}`;
	});
	return `"${bytes.join("")}"`;
}
