import { loginFor } from "../../lib/deploy/docker/credentials.js";
import type { Finding } from "../../lib/deploy/finding.js";
import { namedService } from "../../lib/deploy/k8s/plan.js";
import { readCounts } from "../../lib/deploy/k8s/request.js";
import { examine } from "../../lib/deploy/preflight.js";
import { ERROR_CODES, MlshipError } from "../../lib/errors.js";
import { defaultModelsPath } from "../../lib/repository/place.js";
import { type CommandContext, ReportedFailure } from "../context.js";
import type { DoctorCommandOptions } from "../doctor.js";
import { showFindings } from "../ui/doctor.js";
import { colourWanted, styleFor } from "../ui/style.js";

/** Prints what was found and what to type; its status is that of the first error. */
export async function runDoctor(
	options: DoctorCommandOptions,
	context: CommandContext,
): Promise<void> {
	const { cwd, env, signal } = context;
	const { models, name = "mlship", namespace, image } = options;
	const { nodes } = readCounts(options);
	const findings = await examine({
		machine: { cwd, env, signal },
		models: defaultModelsPath({ cwd, env, models }),
		service: namedService(name, namespace),
		context: options.context,
		nodes,
		image,
		login: (registry) => loginFor(registry, env),
	});
	const mended = options.fix ? await mend(findings) : new Map();
	const left = findings.filter((finding) => !mended.has(finding));
	const shown = findings.map((finding) => ({
		finding,
		done: mended.get(finding) as string | undefined,
	}));
	if (options.json) {
		const rows = shown.map(({ finding: { fix, code, ...finding }, done }) => ({
			...finding,
			...(code !== undefined && { code, exit: ERROR_CODES[code].exit }),
			fixable: fix !== undefined,
			...(done !== undefined && { fixed: done }),
		}));
		context.stdout(`${JSON.stringify({ findings: rows })}\n`);
	} else {
		const style = styleFor(colourWanted(context, options, "stdout"));
		context.stdout(showFindings(shown, options, style));
	}
	const first = left.find(({ status }) => status === "error");
	if (first !== undefined) throw new ReportedFailure(first.code ?? "NOT_READY");
}

/** What was done about each finding that could be mended. */
async function mend(
	findings: readonly Finding[],
): Promise<Map<Finding, string>> {
	const done = new Map<Finding, string>();
	for (const finding of findings) {
		if (finding.fix === undefined) continue;
		try {
			done.set(finding, await finding.fix());
		} catch (error) {
			// it stays a finding
			if (!(error instanceof MlshipError)) throw error;
		}
	}
	return done;
}
