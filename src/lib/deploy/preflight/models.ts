import { rmSync } from "node:fs";
import { join } from "node:path";
import { MlshipError } from "../../errors.js";
import { isFolder, listFolder } from "../../formats/file.js";
import { findModels, type ModelEntry } from "../../repository/list.js";
import { isComplete } from "../../repository/ready.js";
import { type Finding, ok, warning } from "../finding.js";

/** Whether the models of a place are whole, and what writers that were killed left there. */
export function checkModels(path: string): Finding[] {
	const models = found(path);
	if (models instanceof MlshipError)
		return [warning("models", models.message, models.hint)];
	const wrong = models.flatMap(({ name, versions }) =>
		versions.flatMap(({ version, dir }) => {
			const state = isComplete(dir);
			return state.complete
				? []
				: [
						warning(
							"models",
							`version ${version} of ${name} is not whole: ${state.reason}`,
							`copy ${dir} again, or delete it`,
						),
					];
		}),
	);
	const count = models.reduce((sum, { versions }) => sum + versions.length, 0);
	const names = models.map(({ name }) => name).slice(0, 5);
	const rest = models.length > 5 ? ` and ${models.length - 5} more` : "";
	return [
		ok(
			"models",
			`${count} ${count === 1 ? "version" : "versions"} of ${names.join(", ")}${rest}`,
		),
		...wrong,
		...models.flatMap(leftoverFinding),
	];
}

function found(path: string): ModelEntry[] | MlshipError {
	try {
		return findModels(path);
	} catch (error) {
		if (error instanceof MlshipError) return error;
		throw error;
	}
}

/** Folders in which a version was made by a process that is no more. */
function leftoverFinding({ name, dir }: ModelEntry): Finding[] {
	if (!isFolder(dir)) return [];
	const left = listFolder(dir).filter((one) => {
		const [, id] = /^\.\d+\.making-(\d+)$/.exec(one) ?? [];
		return id !== undefined && !isAlive(Number(id));
	});
	return left.length === 0
		? []
		: [
				{
					...warning(
						"models",
						`${left.length} unfinished ${left.length === 1 ? "version" : "versions"} of ${name} ${left.length === 1 ? "was" : "were"} left behind: ${left.join(", ")}`,
						"mlship doctor --fix",
					),
					fix: async () => {
						for (const one of left)
							rmSync(join(dir, one), { recursive: true, force: true });
						return `deleted ${left.join(", ")} in ${dir}`;
					},
				},
			];
}

function isAlive(id: number): boolean {
	try {
		process.kill(id, 0);
		return true;
	} catch (error) {
		// it is there, and somebody else's
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
