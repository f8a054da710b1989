import { loginFor } from "../../../lib/deploy/docker/credentials.js";
import { refusalOf } from "../../../lib/deploy/finding.js";
import type { Trial } from "../../../lib/deploy/k8s/canary.js";
import {
	namedService,
	type Planned,
	planService,
} from "../../../lib/deploy/k8s/plan.js";
import type { Service } from "../../../lib/deploy/k8s/service.js";
import { suggestedName } from "../../../lib/deploy/names.js";
import { checkImage } from "../../../lib/deploy/preflight/image.js";
import { fail, MlshipError } from "../../../lib/errors.js";
import { quoted } from "../../../lib/nearest.js";
import {
	findModel,
	type ModelEntry,
	parseVersion,
	withVersion,
} from "../../../lib/repository/list.js";
import { resolveModels } from "../../../lib/repository/place.js";
import { parseShare } from "../../../lib/repository/reference.js";
import { readRelease } from "../../../lib/repository/release.js";
import type { CommandContext } from "../../context.js";
import type { K8sCommandOptions } from "../k8s.js";
import { tell } from "./notes.js";

/** The models that the argument means. */
export function modelsOf(
	path: string | undefined,
	{ models }: K8sCommandOptions,
	{ cwd, env }: CommandContext,
): ModelEntry[] {
	return resolveModels(path, { cwd, env, models });
}

/** The service that is to be applied, its image by digest where its registry tells it. */
export async function plannedService(
	path: string | undefined,
	options: K8sCommandOptions,
	context: CommandContext,
): Promise<Planned> {
	const entries = modelsOf(path, options, context);
	const planned = await planService(entries, options);
	return withImage(planned, options, context);
}

async function withImage(
	planned: Planned,
	options: K8sCommandOptions,
	context: CommandContext,
): Promise<Planned> {
	const { service } = planned;
	const { image, finding } = await checkImage(service.image, {
		login: (registry) => loginFor(registry, context.env),
		hasSecret: service.pullSecret !== undefined,
	});
	const refusal = refusalOf([finding], "deploy", options.strict);
	if (refusal !== undefined) throw refusal;
	const { text, hint, status } = finding;
	const said = hint === undefined ? text : `${text}; ${hint}`;
	// a tag that was turned into a digest is none to warn of
	const notes = image === service.image ? planned.notes : [];
	tell(status === "ok" ? notes : [...notes, said], options, context);
	return { ...planned, service: { ...service, image } };
}

/** What `--canary digits@2=10` asks for. */
export async function plannedTrial(
	path: string | undefined,
	options: K8sCommandOptions,
	context: CommandContext,
): Promise<Trial> {
	const text = options.canary ?? "";
	const share = parseShare(text);
	const entries = modelsOf(path ?? share.name, options, context);
	const entry = entryOf(entries, share.name, text);
	if (share.percent === undefined)
		throw fail("INVALID", `cannot read --canary ${text}: it names no share`, {
			hint: `give it a percentage of the requests: --canary ${entry.name}@${share.version}=10`,
		});
	const version = await numberOf(entry, share.version);
	const only = withVersion(entry, version);
	const planned = await planService(
		entries.map((one) => (one === entry ? only : one)),
		options,
	);
	const hasImage = options.image !== undefined;
	const { service } = hasImage
		? await withImage(planned, options, context)
		: planned;
	return {
		model: entry.name,
		version: String(only.versions[0].version),
		percent: share.percent,
		wanted: service,
		hasImage,
	};
}

function entryOf(
	entries: readonly ModelEntry[],
	name: string | undefined,
	text: string,
): ModelEntry {
	if (name !== undefined) return findModel(entries, name);
	if (entries.length === 1) return entries[0];
	throw fail(
		"INVALID",
		`cannot read --canary ${text}: there are ${entries.length} models, ${quoted(entries.map((one) => one.name))}`,
		{ hint: "name one, as --canary digits@2=10" },
	);
}

/** The number that a label points to, or the number itself. */
async function numberOf(entry: ModelEntry, text: string): Promise<string> {
	if (parseVersion(text) !== undefined) return text;
	const { labels } = await readRelease(entry.dir);
	const labelled = labels.get(text);
	if (labelled !== undefined) return String(labelled);
	throw fail(
		"NOT_FOUND",
		`cannot find label "${text}" of model "${entry.name}": it has ${quoted([...labels.keys()])}`,
	);
}

/** Which service is meant where the cluster knows the rest: models need not be on this machine. */
export function targetService(
	path: string | undefined,
	options: K8sCommandOptions,
	context: CommandContext,
): Service {
	const { namespace } = options;
	if (options.name !== undefined) return namedService(options.name, namespace);
	const name = foundName(path, options, context);
	return namedService(suggestedName("service", name), namespace);
}

function foundName(
	path: string | undefined,
	options: K8sCommandOptions,
	context: CommandContext,
): string {
	try {
		const entries = modelsOf(path, options, context);
		return entries.length === 1 ? entries[0].name : "models";
	} catch (error) {
		const isName = path !== undefined && !/[\\/]/.test(path);
		if (isName && error instanceof MlshipError && error.code === "NOT_FOUND")
			return path.replace(/@.*/, "");
		throw error;
	}
}
