import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** The one instance of a request, by model. */
const SHAPES = {
	digits: [28, 28, 1],
	mobilenet_v2: [224, 224, 3],
};

/** Writes a predict request of one instance; returns its file and its text. */
export function writeQuestion(model, { cache }) {
	const file = join(cache, `${model}.json`);
	const instance = picture(SHAPES[model], share);
	const body = JSON.stringify({ instances: [instance] });
	writeFileSync(file, body);
	return { file, body };
}

/** Pixels as a client has them, of values from 0 to 255. */
export function picture([size, ...rest], pixel, seed = 1) {
	return Array.from({ length: size }, (_, i) =>
		rest.length === 0
			? pixel((seed * 31 + i * 97) % 256)
			: picture(rest, pixel, (seed * 7 + i) % 65_536),
	);
}

/** All digits are written. */
function share(value) {
	return value / 255;
}
