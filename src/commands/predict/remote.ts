import {
	fetchSignatures,
	parseModelUrl,
	postPredict,
	predictOnServer,
} from "../../lib/client/rest.js";
import { fail } from "../../lib/errors.js";
import {
	findSignature,
	listSignatures,
} from "../../lib/savedmodel/signature.js";
import type { CommandContext } from "../context.js";
import type { Answerer } from "./answerer.js";
import type { PredictSettings } from "./settings.js";

/** A model behind a URL. What only a model in this process can do is refused with INVALID. */
export async function openServer(
	url: string,
	{ request, tagSet, engine, rowsAtOnce }: PredictSettings,
	{ signal }: CommandContext,
): Promise<Answerer> {
	const model = { url: parseModelUrl(url), signal };
	if ((tagSet ?? engine) !== undefined)
		throw fail(
			"INVALID",
			`cannot choose ${tagSet === undefined ? "an engine" : "a tag set"} for ${url}: the server has chosen`,
		);
	if (request !== undefined && rowsAtOnce !== undefined)
		throw fail(
			"INVALID",
			"cannot cut a request to a server into batches: --input and --image can be cut",
		);
	// a body goes as it is, so that nothing need be known of the model
	const metaGraph =
		request === undefined ? await fetchSignatures(model) : undefined;
	return {
		keys:
			metaGraph === undefined
				? []
				: listSignatures(metaGraph).map(({ key }) => key),
		dir: undefined,
		signature: (key) => {
			if (metaGraph === undefined)
				throw fail("BUG", "no signatures were asked for");
			return findSignature(metaGraph, key);
		},
		run: (signature, inputs) => predictOnServer(model, signature, inputs),
		answer: (body) => postPredict(model, body),
		close: async () => undefined,
	};
}
