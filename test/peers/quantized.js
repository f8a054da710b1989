import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeNpy } from "../../dist/lib/tensor/npy.js";
import { convertModel } from "./convert.js";

/** How far answers may be off, in parts of an output's largest number: halves have three digits, int8 one step of 256 a layer. */
const FORMS = [
	{ title: "float16", type: "float16", limit: 1e-2 },
	{ title: "int8 weights", type: "int8", limit: 1e-1 },
	{ title: "int8", type: "int8", isCalibrated: true, limit: 1e-1 },
	{ title: "int16", type: "int16", isCalibrated: true, limit: 1e-2 },
];

/** Models whose results are read in smaller numbers too: convolutions, depthwise ones, a loop, residuals. */
const MODELS = /^models\/(digits\/2|mobile\/1|rnn\/1|unet\/1|zoo_resnet\/1)$/;

/** Jobs as `convertModel` makes them, of the models that are meant, in each form; calibrated with what they are asked. */
export async function convertQuantized(models, folder) {
	const jobs = [];
	const meant = models.filter(
		({ name, cases }) => MODELS.test(name) && cases !== undefined,
	);
	for (const model of meant)
		for (const [number, form] of FORMS.entries()) {
			const place = join(folder, model.name.replaceAll("/", "-"), `${number}`);
			mkdirSync(place, { recursive: true });
			const { title, limit } = form;
			const made = await convertModel(model, ["lite"], place, (signature) =>
				settingsOf(form, signature, model, place),
			);
			jobs.push(
				...made.map((job) => ({ ...job, id: `${job.id} ${title}`, limit })),
			);
		}
	return jobs;
}

function settingsOf({ type, isCalibrated }, signature, { cases }, place) {
	const quantize = [{ type }];
	if (!isCalibrated) return { quantize };
	const asked = (cases ?? [])
		.filter((item) => item.signature === signature)
		.map(({ inputs }) => Object.values(inputs)[0]);
	if (asked.length === 0) return { quantize };
	const calibrate = join(place, "calibration.npy");
	writeFileSync(calibrate, writeNpy(oneBehindTheOther(asked)));
	return { quantize, calibrate };
}

/** Rows of all that have the sizes of the first. */
function oneBehindTheOther(tensors) {
	const [{ dtype, shape }] = tensors;
	const sizes = String(shape.slice(1));
	const alike = tensors.filter((one) => String(one.shape.slice(1)) === sizes);
	const rows = alike.reduce((sum, one) => sum + one.shape[0], 0);
	const data = alike.flatMap((one) => [...one.data]);
	return {
		dtype,
		shape: [rows, ...shape.slice(1)],
		data: Float32Array.from(data),
	};
}
