import { decodePredictRequest } from "../../dist/lib/tensor/json/decode.js";
import { encodePredictResponse } from "../../dist/lib/tensor/json/encode.js";
import { median, row } from "../table.js";

const SIZE = 224;
const ELEMENTS = SIZE * SIZE * 3;

/** Pictures as programs write them: pixels of one byte, shares of three digits, floats that Python or JavaScript printed as doubles. */
const PIXELS = {
	"bytes 0 … 255": (x) => Math.round(x * 255),
	"three digits": (x) => Math.round(x * 1000) / 1000,
	"float32 in full": (x) => Math.fround(x),
};

/** The JSON of the REST API, in this process, against JSON.parse and a flattening into a typed array. */
export async function measureCodec({ rounds }) {
	return [
		...Object.entries(PIXELS).map(([name, pixel]) =>
			decodeRow(name, pixel, rounds * 6),
		),
		...["float32", "float64"].map((dtype) => encodeRow(dtype, rounds * 3)),
	];
}

function decodeRow(name, pixel, rounds) {
	const body = Buffer.from(JSON.stringify({ instances: [picture(pixel)] }));
	const signature = {
		key: "serving_default",
		inputs: [{ name: "x", dtype: "float32", shape: [-1, SIZE, SIZE, 3] }],
	};
	const [ours, flat, loops] = inTurn(rounds, [
		() => decodePredictRequest(body, () => signature),
		() =>
			Float32Array.from(
				JSON.parse(body.toString()).instances.flat(Number.POSITIVE_INFINITY),
			),
		() => flattened(JSON.parse(body.toString()).instances),
	]);
	const what = `decode ${SIZE}×${SIZE}×3, ${name}`;
	return row("codec", `${what} vs JSON.parse + flat`, {
		figure: `${(body.length / ours / 1000).toFixed(0)} MB/s; ${ours.toFixed(1)} ms vs ${flat.toFixed(1)} ms (${loops.toFixed(1)} ms flattened by hand)`,
		ratio: flat / ours,
		goal: 4,
	});
}

function encodeRow(dtype, rounds) {
	const rows = 1000;
	const random = generator();
	const values = Array.from({ length: rows * 100 }, random);
	const data =
		dtype === "float32" ? Float32Array.from(values) : Float64Array.from(values);
	let bytes = 0;
	const [ours, theirs] = inTurn(rounds, [
		() => {
			bytes = encodePredictResponse("row", {
				y: { dtype, shape: [rows, 100], data },
			}).length;
		},
		() =>
			Buffer.from(
				JSON.stringify({
					predictions: Array.from({ length: rows }, (_, i) =>
						Array.from(data.subarray(100 * i, 100 * (i + 1))),
					),
				}),
			),
	]);
	return row("codec", `encode ${rows}×100 ${dtype} vs JSON.stringify`, {
		figure: `${(bytes / ours / 1000).toFixed(0)} MB/s; ${ours.toFixed(1)} ms vs ${theirs.toFixed(1)} ms`,
		ratio: theirs / ours,
	});
}

/** Medians of milliseconds, the subjects taking turns; the first rounds warm up. */
function inTurn(rounds, subjects) {
	const times = subjects.map(() => []);
	for (let round = 0; round < rounds + 5; round++)
		for (const [i, subject] of subjects.entries()) {
			const start = performance.now();
			subject();
			if (round >= 5) times[i].push(performance.now() - start);
		}
	return times.map(median);
}

function picture(pixel) {
	const random = generator();
	return Array.from({ length: SIZE }, () =>
		Array.from({ length: SIZE }, () =>
			Array.from({ length: 3 }, () => pixel(random())),
		),
	);
}

/** The least that a naive server can do. */
function flattened(instances) {
	const data = new Float32Array(ELEMENTS);
	let at = 0;
	for (const image of instances)
		for (const line of image)
			for (const point of line) for (const value of point) data[at++] = value;
	return data;
}

/** The same numbers in every run (a linear congruential generator). */
function generator() {
	let state = 1;
	return () => {
		state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
		return state / 2 ** 31;
	};
}
