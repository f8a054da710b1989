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

/** Megabytes of JSON a second. */
const DECODED = 300;
const ENCODED = 150;

/** The JSON of the REST API, in this process, against JSON.parse and a flattening into a typed array. */
export async function measureCodec({ rounds }) {
	return [
		...Object.entries(PIXELS).flatMap(([name, pixel]) =>
			decodeRows(name, pixel, rounds * 6),
		),
		...["float32", "float64"].flatMap((dtype) => encodeRows(dtype, rounds * 3)),
	];
}

function decodeRows(name, pixel, rounds) {
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
	return [
		row("codec", `${what} vs JSON.parse + flat`, {
			figure: `${ours.toFixed(1)} ms vs ${flat.toFixed(1)} ms (${loops.toFixed(1)} ms flattened by hand)`,
			ratio: flat / ours,
			goal: 4,
		}),
		speed(what, body.length, ours, DECODED),
	];
}

function encodeRows(dtype, rounds) {
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
	const what = `encode ${rows}×100 ${dtype}`;
	return [
		row("codec", `${what} vs JSON.stringify`, {
			figure: `${ours.toFixed(1)} ms vs ${theirs.toFixed(1)} ms`,
			ratio: theirs / ours,
		}),
		speed(what, bytes, ours, ENCODED),
	];
}

function speed(what, bytes, milliseconds, goal) {
	return row("codec", `${what}, of one core`, {
		figure: `${(bytes / 1e6).toFixed(2)} MB in ${milliseconds.toFixed(1)} ms`,
		ratio: bytes / milliseconds / 1000,
		goal,
		unit: " MB/s",
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
