import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { MLSHIP, measureCommand } from "../child.js";
import { modelFolder } from "../models.js";
import { writeLargeModel } from "../small-models.js";
import { median, row, skipped } from "../table.js";
import { figure, inTurn, SUBJECTS } from "./predict.js";

const LEAST_FASTER = 6;
/** Of the peer's peak memory. */
const MOST_MEMORY = 0.5;
const MOST_OVER_PEER = 1.1;
/** Peers take seconds, so twice is enough. */
const MOST_ROUNDS = 2;
const LARGE_MEGABYTES = 500;
const MOST_OVER_BYTES = 3;

/**
 * By target: the converter that people use, undefined where it is not installed, and what times one prediction of a result, which
 * is the same runtime for both.
 */
const PEERS = {
	web: {
		title: "tensorflowjs_converter",
		main: "model.json",
		extension: "",
		runtime: "the same TensorFlow.js, WebAssembly",
		convert: ({ tf2onnx }, from, to) => {
			const cli = tf2onnx && join(dirname(tf2onnx), "tensorflowjs_converter");
			if (!cli || !existsSync(cli)) return undefined;
			const format = ["--input_format=tf_saved_model"];
			return [cli, ...format, "--output_format=tfjs_graph_model", from, to];
		},
		predict: () => [process.execPath, join(SUBJECTS, "predict_web.js")],
	},
	lite: {
		title: "TFLiteConverter",
		main: "",
		extension: ".tflite",
		runtime: "the same TensorFlow Lite",
		convert: ({ python }, from, to) =>
			python && [python, join(SUBJECTS, "convert_lite.py"), from, to],
		predict: ({ python }) => [python, join(SUBJECTS, "predict_lite.py")],
	},
	onnx: {
		title: "tf2onnx",
		main: "",
		extension: ".onnx",
		runtime: "the same ONNX Runtime",
		convert: ({ tf2onnx }, from, to) =>
			tf2onnx && [
				...[tf2onnx, "-m", "tf2onnx.convert", "--opset", "17"],
				...["--saved-model", from, "--output", to],
			],
		predict: () => [process.execPath, join(SUBJECTS, "predict_onnx.js")],
	},
};

/** A model of MobileNetV2's size to every target, and what the results are worth; a large model by its memory. */
export async function measureConvert(place) {
	const folder = mkdtempSync(join(tmpdir(), "mlship-bench-convert-"));
	try {
		const rows = [];
		const model = await modelFolder("mobilenet_v2", place);
		for (const target of Object.keys(PEERS))
			rows.push(
				...(model === undefined
					? [skipped("convert", target, "no TensorFlow to make the model")]
					: await measureTarget(target, model, folder, place)),
			);
		return [...rows, ...(await measureLarge(folder))];
	} finally {
		rmSync(folder, { recursive: true });
	}
}

async function measureTarget(target, model, folder, place) {
	const { title, main, runtime, convert, predict } = PEERS[target];
	const what = `mobilenet_v2 to ${target}`;
	const results = { ours: pathIn(folder, `ours-${target}`, target) };
	results.theirs = pathIn(folder, `theirs-${target}`, target);
	const command = convert(place, model, results.theirs);
	if (command === undefined)
		return [skipped("convert", `${what} vs ${title}`, `no ${title}`)];
	const [ours, theirs] = [[], []];
	for (let i = 0; i < Math.min(place.rounds, MOST_ROUNDS); i++) {
		ours.push(await convertOurs(model, target, results.ours));
		theirs.push(await measureCommand(command[0], command.slice(1)));
	}
	const [seconds, peerSeconds] = [ours, theirs].map((all) =>
		median(all.map((one) => one.seconds)),
	);
	const subject = ([program, ...args], path) => [
		...[program, ...args, join(path, main)],
		String(place.runs),
	];
	const times = await inTurn(place.rounds, {
		ours: subject(predict(place), results.ours),
		theirs: subject(predict(place), results.theirs),
	});
	return [
		row("convert", `${what} vs ${title}`, {
			figure: `${seconds.toFixed(2)} s vs ${peerSeconds.toFixed(2)} s`,
			ratio: peerSeconds / seconds,
			goal: LEAST_FASTER,
		}),
		memoryRow(`${what}, peak memory over ${title}'s`, ours, theirs),
		row("convert", `${what}, time over ${title}'s result on ${runtime}`, {
			figure: figure(times.ours, times.theirs),
			ratio: times.ours / times.theirs,
			atMost: MOST_OVER_PEER,
		}),
	];
}

function pathIn(folder, name, target) {
	return join(folder, `${name}${PEERS[target].extension}`);
}

function convertOurs(model, target, out) {
	return measureCommand(process.execPath, [
		...[MLSHIP, "convert", model, "--target", target],
		...["--out", out, "--force", "--no-verify"],
	]);
}

function memoryRow(what, ours, theirs) {
	const peaks = [ours, theirs].map((all) => all.map(({ peak }) => peak));
	if (peaks.flat().includes(undefined))
		return skipped("convert", what, "no GNU time");
	const [mine, other] = [Math.max(...peaks[0]), median(peaks[1])];
	return row("convert", what, {
		figure: `${mine.toFixed(0)} MB vs ${other.toFixed(0)} MB`,
		ratio: mine / other,
		atMost: MOST_MEMORY,
	});
}

/** Its weights lie in the graph: nothing of it can be left unread. */
async function measureLarge(folder) {
	const model = join(folder, "large", "1");
	writeLargeModel(model, LARGE_MEGABYTES, 5);
	const megabytes = statSync(join(model, "saved_model.pb")).size / 2 ** 20;
	const rows = [];
	for (const target of Object.keys(PEERS)) {
		const out = pathIn(folder, `large-${target}`, target);
		const { peak, seconds } = await convertOurs(model, target, out);
		const what = `a model of ${LARGE_MEGABYTES} MB to ${target}, peak memory over its bytes`;
		rows.push(
			peak === undefined
				? skipped("convert", what, "no GNU time")
				: row("convert", what, {
						figure: `${peak.toFixed(0)} MB for ${megabytes.toFixed(0)} MB, in ${seconds.toFixed(1)} s`,
						ratio: peak / megabytes,
						atMost: MOST_OVER_BYTES,
					}),
		);
		rmSync(out, { recursive: true, force: true });
	}
	return rows;
}
