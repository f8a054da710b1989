import { fail } from "../../errors.js";
import { onnxFileAt } from "../../onnx/file.js";
import { modelsConfig } from "../../repository/models-config.js";
import { readRelease } from "../../repository/release.js";
import type { DeployedModel } from "../models.js";
import type { LayerFile } from "./layer.js";

/**
 * TensorFlow Serving's configuration of models, versions and labels. Fails with UNSUPPORTED for what it cannot serve; a split
 * of requests is a warning.
 */
export async function tfsConfig(
	models: readonly DeployedModel[],
): Promise<{ files: LayerFile[]; warnings: string[] }> {
	const warnings: string[] = [];
	for (const model of models) {
		refuseOnnx(model);
		const { split } = await readRelease(model.dir);
		if (split !== undefined)
			warnings.push(
				`the split of ${model.name} has no effect: TensorFlow Serving has none, and requests without a version get the latest one`,
			);
	}
	const file = (name: string, text: string): LayerFile => ({
		name: `config/${name}`,
		content: Buffer.from(text),
	});
	return {
		files: [
			file("models.config", modelsConfig("/models", models, { isWhole: true })),
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
