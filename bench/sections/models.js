import { join } from "node:path";
import { reload, withReloading } from "../reload.js";
import { writeLargeModel } from "../small-models.js";
import { row, skipped } from "../table.js";

const MODELS = { full: 22, quick: 4 };
const MEGABYTES = 20;
const SETTLE_MS = 2000;

/** Times the memory before. */
const MOST = 1.2;

/** glibc raises this limit by itself when large memory is freed, and keeps all that is below; set, it stays where it is. */
const LIMIT = { MALLOC_MMAP_THRESHOLD_: "131072" };

/** What a server keeps of models that it serves no more. */
export async function measureModels(place) {
	if (process.platform !== "linux")
		return [skipped("models", "models", "no /proc to read memory from")];
	return [
		await measureMany("", {}, place),
		await measureMany(", MALLOC_MMAP_THRESHOLD_ set", LIMIT, place),
	];
}

function measureMany(how, env, place) {
	const count = place.rounds > 1 ? MODELS.full : MODELS.quick;
	return withReloading(async ({ folder, caller, memory, small }) => {
		const large = Array.from({ length: count }, (_, i) => {
			const basePath = join(folder, `large${i}`);
			writeLargeModel(join(basePath, "1"), MEGABYTES, i + 1);
			return { name: `large${i}`, basePath };
		});
		const start = await memory(SETTLE_MS);
		await reload(caller, [small, ...large]);
		const loaded = await memory(SETTLE_MS);
		await reload(caller, [small]);
		const end = await memory(SETTLE_MS);
		return row(
			"models",
			`${count} models of ${MEGABYTES} MB come and go${how}, memory over that before`,
			{
				figure: `${megabytes(end)} vs ${megabytes(start)}, ${megabytes(loaded)} with all of them`,
				ratio: end / start,
				atMost: MOST,
			},
		);
	}, env);
}

function megabytes(bytes) {
	return `${Math.round(bytes / 1e6)} MB`;
}
