import {
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import {
	planConversion,
	writeConversion,
} from "../../dist/lib/convert/convert.js";
import { liteTarget } from "../../dist/lib/convert/targets/lite.js";
import { writeNpy } from "../../dist/lib/tensor/npy.js";
import { row } from "../table.js";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));
const MODEL = join(FIXTURES, "models/digits/2");
const MOST_POINTS = 0.5;
const AT_ONCE = 100;
const SIDE = 28;

const FORMS = {
	floats: {},
	"float16 weights": { quantize: [{ type: "float16" }] },
	"int8 weights": { quantize: [{ type: "int8" }] },
	int8: { quantize: [{ type: "int8" }], isCalibrated: true },
	"int8, integers in and out": {
		quantize: [{ type: "int8" }],
		isCalibrated: true,
		integerPorts: true,
	},
	"int16 activations": { quantize: [{ type: "int16" }], isCalibrated: true },
};

/** How many of 2,000 digits that no model was trained on are told, by a converted one in each form; 200 others calibrate. */
export async function measureDigits() {
	const folder = mkdtempSync(join(tmpdir(), "mlship-bench-digits-"));
	try {
		const calibrate = join(folder, "calibration.npy");
		writeFileSync(calibrate, writeNpy(pictures("calibration")));
		const rows = [];
		let exact;
		for (const [title, { isCalibrated, ...settings }] of Object.entries(
			FORMS,
		)) {
			const given = isCalibrated ? { ...settings, calibrate } : settings;
			const plan = await planConversion(MODEL, {
				target: "lite",
				settings: given,
			});
			const out = join(folder, `${rows.length}.tflite`);
			await writeConversion(plan, { out, verify: false });
			const share = 100 * (await accuracyOf(out, plan.source.programs[0]));
			exact ??= share;
			rows.push(
				row(
					"digits",
					`to lite in ${title}: right of 2,000 held out, points from floats`,
					{
						figure: `${share.toFixed(2)} %, ${Math.round(statSync(out).size / 1000)} kB`,
						ratio: Math.abs(share - exact),
						atMost: MOST_POINTS,
						unit: "",
					},
				),
			);
		}
		return rows;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

async function accuracyOf(path, program) {
	const [{ name }] = program.inputs;
	const opened = await liteTarget.open(path, program);
	const { data } = pictures("held-out");
	const labels = unpacked("held-out-labels.idx1.gz").subarray(8);
	let right = 0;
	for (let start = 0; start < labels.length; start += AT_ONCE) {
		const made = await opened.run({
			[name]: {
				dtype: "float32",
				shape: [AT_ONCE, SIDE, SIDE, 1],
				data: data.slice(start * SIDE ** 2, (start + AT_ONCE) * SIDE ** 2),
			},
		});
		const [{ shape, data: scores }] = Object.values(made);
		for (let i = 0; i < AT_ONCE; i++) {
			const own = scores.subarray(i * shape[1], (i + 1) * shape[1]);
			if (own.indexOf(Math.max(...own)) === labels[start + i]) right++;
		}
	}
	await opened.close();
	return right / labels.length;
}

function pictures(name) {
	const pixels = unpacked(`${name}-images.idx3.gz`).subarray(16);
	return {
		dtype: "float32",
		shape: [pixels.length / SIDE ** 2, SIDE, SIDE, 1],
		data: Float32Array.from(pixels, (pixel) => pixel / 255),
	};
}

function unpacked(file) {
	return gunzipSync(readFileSync(join(FIXTURES, "mnist", file)));
}
