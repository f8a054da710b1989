import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** The one instance of a request, by model. */
export const SHAPES = {
	digits: [28, 28, 1],
	mobilenet_v2: [224, 224, 3],
};

/** Writes a predict request of one instance; returns its file and its text. */
export function writeQuestion(model, { cache }) {
	const file = join(cache, `${model}.json`);
	const body = JSON.stringify({ instances: [picture(SHAPES[model])] });
	writeFileSync(file, body);
	return { file, body };
}

/** Pixels as a client has them: bytes over 255, all their digits written. */
function picture([size, ...rest], seed = 1) {
	return Array.from({ length: size }, (_, i) =>
		rest.length === 0
			? ((seed * 31 + i * 97) % 256) / 255
			: picture(rest, seed * 7 + i),
	);
}
