import { cpSync } from "node:fs";
import { join } from "node:path";
import { modelFolder } from "../models.js";
import { reload, withReloading } from "../reload.js";
import { row, skipped } from "../table.js";

const RELOADS = { full: 100, quick: 10 };
const SETTLE_MS = 200;

/** Times the memory after the first reload. */
const MOST = 1.15;

/** What a server keeps of versions that others replaced. */
export async function measureReload(place) {
	if (process.platform !== "linux")
		return [skipped("reload", "models", "no /proc to read memory from")];
	const rows = [];
	for (const model of ["digits", "mobilenet_v2"])
		rows.push(await measureModel(model, place));
	return rows;
}

/** Two versions, one after the other. */
async function measureModel(name, place) {
	const source = await modelFolder(name, place);
	if (source === undefined)
		return skipped("reload", name, "no TensorFlow to make the model");
	return withReloading(async ({ folder, caller, memory }) => {
		const basePath = join(folder, name);
		for (const version of ["1", "2"])
			cpSync(source, join(basePath, version), { recursive: true });
		const count = place.rounds > 1 ? RELOADS.full : RELOADS.quick;
		const serveVersion = async (version) => {
			await reload(caller, [{ name, basePath, version }]);
			return memory(SETTLE_MS);
		};
		await serveVersion(1);
		const first = await serveVersion(2);
		let last = first;
		for (let i = 1; i < count; i++)
			last = await serveVersion(1 + ((i + 1) % 2));
		return row(
			"reload",
			`${name}, memory after ${count} reloads over that after the first`,
			{
				figure: `${megabytes(last)} vs ${megabytes(first)}`,
				ratio: last / first,
				atMost: MOST,
			},
		);
	});
}

function megabytes(bytes) {
	return `${Math.round(bytes / 1e6)} MB`;
}
