import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { readNpy } from "../../dist/lib/tensor/npy.js";
import { readCases } from "./cases.js";

const FILES = ["saved_model.pb", "saved_model.pbtxt"];

/**
 * Every SavedModel below a folder: {name, dir, cases}, in the order of their names. `cases` are TensorFlow's answers where they
 * lie beside it, as fixtures/README.md and `fixtures/generate.py --applications` put them; else undefined.
 */
export function findModels(root) {
	const inside = readdirSync(root, { recursive: true, encoding: "utf8" });
	return [".", ...inside]
		.map((path) => join(root, path))
		.filter((dir) => FILES.some((file) => existsSync(join(dir, file))))
		.sort()
		.map((dir) => ({
			name: join(basename(root), relative(root, dir)),
			dir,
			cases: casesOf(dir),
		}));
}

function casesOf(dir) {
	const above = dirname(dir);
	const version = Number(basename(dir));
	const numbered = join(above, `cases-${version}.json`);
	const path = [join(dir, "cases.json"), numbered].find(existsSync);
	if (path !== undefined) return readCases(path);
	if (existsSync(join(above, "answers.npy"))) return [pictureCase(above)];
	const shared = join(above, "cases.json");
	return isLowest(version, above) && existsSync(shared)
		? readCases(shared)
		: undefined;
}

/** Of a network of keras.applications: ports have no names there. */
function pictureCase(folder) {
	const [pictures, answers] = ["pictures", "answers"].map((name) =>
		readNpy(readFileSync(join(folder, `${name}.npy`))),
	);
	return {
		signature: "serving_default",
		inputs: { "": pictures },
		outputs: { "": answers },
	};
}

function isLowest(version, folder) {
	const numbers = readdirSync(folder).filter((name) => /^\d+$/.test(name));
	return version === Math.min(...numbers.map(Number));
}
