import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeJpeg } from "../../dist/lib/formats/picture/jpeg-writer.js";
import { encodePng } from "../../dist/lib/formats/picture/png/encode.js";
import { measureSubject } from "../child.js";
import { HOME } from "../place.js";
import { median, row, skipped } from "../table.js";
import { SUBJECTS } from "./predict.js";

/** What runs beside ONNX Runtime: batches of bytes, and the models of fixtures/models that take them. */
const BATCHES = [
	{ model: "text", what: "1,000 texts of 3 to 14 words", make: makeTexts },
	{
		model: "image_bytes",
		what: "100 PNG and JPEG files of 40×30 pixels",
		make: makePictures,
	},
];

/** One prediction on a batch that the host has to work on, by the library and by TensorFlow in Python. */
export async function measureHost(place) {
	const rows = [];
	for (const batch of BATCHES) rows.push(await measureBatch(batch, place));
	return rows;
}

async function measureBatch({ model, what, make }, place) {
	const title = `${model}, ${what} vs TensorFlow in Python`;
	if (place.python === undefined)
		return skipped("host", title, "no TensorFlow");
	const scratch = mkdtempSync(join(tmpdir(), "mlship-bench-"));
	try {
		const file = join(scratch, "batch.json");
		const items = await make();
		writeFileSync(file, JSON.stringify(items.map(base64)));
		const folder = join(HOME, "fixtures/models", model, "1");
		const args = [folder, file, String(place.runs)];
		const subjects = {
			mlship: [process.execPath, join(SUBJECTS, "host_mlship.js")],
			tensorflow: [place.python, join(SUBJECTS, "host_tf.py")],
		};
		const times = { mlship: [], tensorflow: [] };
		for (let i = 0; i < place.rounds; i++)
			for (const [key, [command, script]] of Object.entries(subjects))
				times[key].push(
					(await measureSubject(command, [script, ...args])).median,
				);
		const [mine, other] = [median(times.mlship), median(times.tensorflow)];
		return row("host", title, {
			figure: `${mine.toFixed(2)} ms vs ${other.toFixed(2)} ms`,
			ratio: other / mine,
			goal: 1,
		});
	} finally {
		rmSync(scratch, { recursive: true });
	}
}

function base64(bytes) {
	return Buffer.from(bytes).toString("base64");
}

const WORDS =
	"The film was GREAT! bad, not good; awful lovely plot actors (really) boring? scene slow - end".split(
		" ",
	);

function makeTexts() {
	const next = randomNumbers();
	return Array.from({ length: 1000 }, (_, i) => {
		const words = Array.from(
			{ length: 3 + (i % 12) },
			() => WORDS[Math.floor(next() * WORDS.length)],
		);
		return Buffer.from(words.join(" "));
	});
}

/** Waves with some noise, as photographs have; every other one is a JPEG. */
function makePictures() {
	const next = randomNumbers();
	return Promise.all(
		Array.from({ length: 100 }, (_, i) => {
			const picture = { width: 40, height: 30, channels: 3 };
			const data = Uint8Array.from({ length: 40 * 30 * 3 }, (_, at) => {
				const [x, y] = [Math.floor(at / 3) % 40, Math.floor(at / 120)];
				const wave = Math.sin((x + i) / 7 + (at % 3)) * Math.cos((y - i) / 5);
				return 118 + 80 * wave + 20 * next();
			});
			return i % 2 === 0
				? encodePng({ ...picture, data }, -1)
				: encodeJpeg({ ...picture, data }, JPEG);
		}),
	);
}

const JPEG = {
	quality: 90,
	isProgressive: false,
	isOptimized: false,
	sharesColor: true,
	density: { unit: "in", x: 300, y: 300 },
	xmp: "",
};

/** The same numbers 0 … 1 in every run (Numerical Recipes' "quick and dirty" generator). */
function randomNumbers() {
	let state = 1;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 32;
	};
}
