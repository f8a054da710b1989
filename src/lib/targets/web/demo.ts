import type { Port, Program } from "../../graph/ir.js";
import { DTYPES } from "../../tensor/dtype.js";

export interface DemoOptions {
	/** Addresses of the scripts of TensorFlow.js, in order. */
	readonly scripts: readonly string[];
	/** Whether what runs is known only while it runs. */
	readonly isAsync: boolean;
}

/** A page that loads the model beside it and runs it on a picture, a drawing, or numbers that are typed. */
export function demoPage(
	{ signature, inputs, outputs }: Program,
	{ scripts, isAsync }: DemoOptions,
): string {
	const model = {
		isAsync,
		inputs: inputs.map(describe),
		outputs: outputs.map(({ name }) => name),
	};
	return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(signature)}</title>
<style>
body { font: 16px system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
label { display: block; margin: 1rem 0 .3rem }
canvas { border: 1px solid #999; touch-action: none; width: 224px; image-rendering: pixelated }
textarea { width: 100%; height: 6rem }
pre { white-space: pre-wrap; background: #f4f4f4; padding: .5rem }
</style>
<h1>${escaped(signature)}</h1>
<form id="form"></form>
<p id="status">loading the model</p>
<div id="answers"></div>
${scripts.map((source) => `<script src="${escaped(source)}"></script>`).join("\n")}
<script type="module">
const MODEL = ${JSON.stringify(model).replaceAll("<", "\\u003c")};
${SCRIPT}</script>
</html>
`;
}

interface DemoInput {
	readonly name: string;
	/** An element type of TensorFlow.js. */
	readonly dtype: string;
	/** With a batch of one, and sizes that may be anything. */
	readonly shape: readonly number[];
	/** What 255 of a pixel becomes, where the input takes a picture. */
	readonly white?: number;
}

/** A side of pictures that may have any size. */
const SIDE = 224;

function describe({ name, dtype, shape = [] }: Port): DemoInput {
	const { kind } = DTYPES[dtype];
	const isFloat = kind === "float" || kind === "half";
	const isPicture =
		shape.length === 4 && [1, 3].includes(shape[3]) && kind !== "string";
	const full = shape.map((size, axis) =>
		size >= 0 ? size : isPicture && axis > 0 ? SIDE : 1,
	);
	const held = kind === "string" || kind === "bool" ? kind : "int32";
	return {
		name,
		dtype: isFloat ? "float32" : held,
		shape: full,
		...(isPicture ? { white: isFloat ? 1 : 255 } : {}),
	};
}

function escaped(text: string): string {
	return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

/** The page's own script: no framework, and nothing from elsewhere. */
const SCRIPT = String.raw`
const $ = (id) => document.getElementById(id);
const made = (tag, props, parent) =>
	parent.appendChild(Object.assign(document.createElement(tag), props));

function picture({ name, shape, dtype, white }, form) {
	const [, height, width, channels] = shape;
	const canvas = made("canvas", { width, height }, form);
	const context = canvas.getContext("2d", { willReadFrequently: true });
	const clear = () => { context.fillStyle = "black"; context.fillRect(0, 0, width, height); };
	clear();
	context.strokeStyle = "white";
	context.lineWidth = Math.max(1, width / 14);
	context.lineCap = "round";
	const at = (event) => {
		const box = canvas.getBoundingClientRect();
		return [(event.clientX - box.left) * width / box.width, (event.clientY - box.top) * height / box.height];
	};
	canvas.onpointerdown = (event) => { context.beginPath(); context.moveTo(...at(event)); canvas.setPointerCapture(event.pointerId); };
	canvas.onpointermove = (event) => { if (event.buttons) { context.lineTo(...at(event)); context.stroke(); } };
	const file = made("input", { type: "file", accept: "image/*" }, made("p", {}, form));
	file.onchange = async () => context.drawImage(await createImageBitmap(file.files[0]), 0, 0, width, height);
	made("button", { type: "button", textContent: "clear", onclick: clear }, form);
	return () => {
		const { data } = context.getImageData(0, 0, width, height);
		const pixels = new Float32Array(width * height * channels);
		for (let i = 0; i < width * height; i++)
			for (let c = 0; c < channels; c++)
				pixels[i * channels + c] = (channels === 1
					? 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]
					: data[4 * i + c]) * white / 255;
		return tf.tensor(pixels, shape, "float32").cast(dtype);
	};
}

function numbers({ shape, dtype }, form) {
	const zero = dtype === "string" ? "" : dtype === "bool" ? false : 0;
	const nested = shape.reduceRight((inner, size) => Array(size).fill(inner), zero);
	const area = made("textarea", { value: JSON.stringify(nested) }, form);
	return () => tf.tensor(JSON.parse(area.value), undefined, dtype);
}

function show(name, tensor) {
	made("h2", { textContent: name }, $("answers"));
	const values = Array.from(tensor.dataSync());
	const isScores = tensor.shape.length === 2 && tensor.shape[0] === 1 && tensor.shape[1] > 1 && tensor.dtype === "float32";
	const text = isScores
		? values.map((score, i) => [score, i]).sort((a, b) => b[0] - a[0]).slice(0, 5)
			.map(([score, i]) => i + "  " + score.toFixed(4)).join("\n")
		: JSON.stringify(tensor.arraySync());
	made("pre", { textContent: "[" + tensor.shape + "] " + tensor.dtype + "\n" + text }, $("answers")).dataset.output = name;
}

const read = MODEL.inputs.map((input) => {
	made("label", { textContent: input.name + "  " + input.dtype + " [" + input.shape + "]" }, $("form"));
	return (input.white === undefined ? numbers : picture)(input, $("form"));
});
made("button", { textContent: "run" }, made("p", {}, $("form")));
const say = (text) => { $("status").textContent = text; };
try {
	await tf.ready();
	const model = await tf.loadGraphModel("model.json");
	say("ready, on " + tf.getBackend());
	$("form").onsubmit = async (event) => {
		event.preventDefault();
		try {
			const inputs = Object.fromEntries(MODEL.inputs.map(({ name }, i) => [name, read[i]()]));
			const start = performance.now();
			const result = await (MODEL.isAsync
				? model.executeAsync(inputs, MODEL.outputs)
				: model.execute(inputs, MODEL.outputs));
			const tensors = [result].flat();
			await tensors[0].data();
			say("ran in " + (performance.now() - start).toFixed(1) + " ms on " + tf.getBackend());
			$("answers").replaceChildren();
			tensors.forEach((tensor, i) => show(MODEL.outputs[i], tensor));
			tf.dispose([inputs, tensors]);
		} catch (error) { say(String(error)); }
	};
} catch (error) { say(String(error)); }
`;
