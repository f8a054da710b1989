import { fail, type MlshipError } from "../../lib/errors.js";
import type { ModelConfig } from "../../lib/serving/config/models.js";
import type { Host } from "../../lib/serving/host.js";
import type { Watch } from "../../lib/serving/watch.js";
import { absencesOf, failuresOf } from "./serving.js";
import { checkAvailable } from "./strict.js";

export interface Loading {
	readonly host: Host;
	readonly watch: Watch;
	readonly models: readonly ModelConfig[];
	/** Whether each model has to answer, as in TensorFlow Serving, and is tried as often as is allowed. */
	readonly isStrict: boolean;
}

/** Loads the models of a start, and gives what is wrong with some of them. Fails where nothing can be served. */
export async function loadModels({
	host,
	watch,
	models,
	isStrict,
}: Loading): Promise<readonly MlshipError[]> {
	const troubles = await watch.applyConfig(models);
	if (isStrict) {
		await watch.settled();
		checkAvailable(host, models);
		const [absence] = absencesOf(host, troubles);
		if (absence !== undefined) throw absence;
	}
	const failures = [...failuresOf(host), ...absencesOf(host, troubles)];
	// a file that lists none may list some later
	const isLost =
		models.length > 0 && !host.names.some((name) => host.isAvailable(name));
	if (isLost) throw nothingToServe(failures);
	return failures;
}

/** One reason is passed on as it is; of several the first decides the exit status. */
function nothingToServe(failures: readonly MlshipError[]): MlshipError {
	const [first] = failures;
	if (first === undefined)
		return fail("NOT_FOUND", "cannot serve: there is no version of any model");
	return failures.length === 1
		? first
		: fail(
				first.code,
				`cannot serve anything: ${failures.map(({ message }) => message).join("; ")}`,
				{ cause: first },
			);
}
