import {
	asMlshipError,
	ERROR_CODES,
	fail,
	type MlshipError,
} from "../../lib/errors.js";
import type { ModelConfig } from "../../lib/serving/config/models.js";
import type { Host } from "../../lib/serving/host.js";
import {
	type CommandContext,
	type GlobalOptions,
	ReportedFailure,
} from "../context.js";
import { showError } from "../ui/error.js";
import { colourWanted, styleFor } from "../ui/style.js";

/** What TensorFlow Serving's main() leaves behind where the server does not start: -1. */
const EXIT = 255;

/** Says of a failure what stands on stdout. */
export type UpstreamWords = (error: unknown) => string;

/** Runs a part of the start that ends as TensorFlow Serving's where it fails; our words of the reason are on stderr. */
export async function asUpstream<T>(
	task: () => T | Promise<T>,
	words: UpstreamWords,
	{
		options,
		context,
	}: { readonly options: GlobalOptions; readonly context: CommandContext },
): Promise<T> {
	try {
		return await task();
	} catch (error) {
		const reason =
			error instanceof ModelsUnavailable ? error.reason : asMlshipError(error);
		const style = styleFor(colourWanted(context, options, "stderr"));
		context.stderr(showError(reason, { ...options, json: false }, style));
		context.stdout(
			options.json ? showError(reason, options, style) : words(error),
		);
		throw new ReportedFailure(reason.code, EXIT);
	}
}

/** main.cc. */
export const failedToStart: UpstreamWords = (error) =>
	`Failed to start server. Error: ${
		error instanceof ModelsUnavailable
			? `UNKNOWN: ${error.message}`
			: statusText(asMlshipError(error))
	}\n`;

/** As absl::Status writes itself. */
function statusText({ code, upstream }: MlshipError): string {
	return `${ERROR_CODES[code].grpc}: ${upstream}`;
}

/** Models without a version that answers, in the words of server_core.cc, WaitUntilModelsAvailable. */
export class ModelsUnavailable extends Error {
	/** Ours, of the first one. */
	readonly reason: MlshipError;

	constructor(message: string, reason: MlshipError) {
		super(message);
		this.reason = reason;
	}
}

/** Fails where versions of a model were tried and none answers. */
export function checkAvailable(
	host: Host,
	models: readonly ModelConfig[],
): void {
	const failed = models
		.filter(({ name }) => !host.isAvailable(name))
		.flatMap(({ name }) =>
			host
				.statuses(name)
				.flatMap(({ version, error }) =>
					error === undefined ? [] : [{ name, version, error }],
				),
		);
	if (failed.length === 0) return;
	const [{ name, version, error }] = failed;
	const items = failed.map(
		(one) =>
			`{{name: ${one.name} version: ${one.version}} due to error: ${statusText(one.error)}}, `,
	);
	throw new ModelsUnavailable(
		`${failed.length} servable(s) did not become available: {${items.join("")}}`,
		fail(
			error.code,
			`cannot serve ${name} version ${version}: ${error.message}`,
			{ cause: error },
		),
	);
}
