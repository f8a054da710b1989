import type { ModelServerConfig } from "../../gen/model_config_pb.js";
import { fail } from "../errors.js";
import type { Compat } from "../tensor/json/source.js";
import { readModelServerConfig } from "./config/models.js";
import type { ModelTrouble, Watch } from "./watch.js";

/**
 * Serves what a ModelServerConfig says instead of what is served. Fails as `readModelServerConfig` and `Watch.applyConfig`
 * do, nothing being changed then; and where models do not answer afterwards, with the first one's code.
 */
export async function reloadConfig(
	watch: Watch,
	config: ModelServerConfig,
	compat: Compat,
): Promise<void> {
	const { models } = readModelServerConfig(config, compat);
	if (models === undefined) return;
	const troubles = await watch.applyConfig(models);
	if (troubles.length > 0) throw notAvailable(troubles);
}

/** After server_core.cc, WaitUntilModelsAvailable. */
function notAvailable(troubles: readonly ModelTrouble[]) {
	const reasons = troubles.map(
		({ model, error }) => `{name: ${model} due to error: ${error.message}}`,
	);
	return fail(
		troubles[0].error.code,
		`${troubles.length} model(s) did not become available: {${reasons.join(", ")}}`,
		{ cause: troubles[0].error },
	);
}
