#!/usr/bin/env node
/**
 * `npm run test:browser`: the page that `convert --demo` writes for models/digits, in Chromium: handwritten digits are put into it, and
 * the same model answers with WebGL. Chromium and what drives it come from npm into a folder that is taken away again. Is
 * skipped, and says so, where they cannot be had or do not start, as without libnss3.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readCases } from "../peers/cases.js";
import { serveFolder } from "../peers/server.js";

/** The last Chromium whose package takes Node 20, and the Playwright made for that version. */
const PACKAGES = [
	"@sparticuz/chromium@143.0.4",
	"playwright-core@1.57.0",
	"@tensorflow/tfjs-backend-webgl@4.22.0",
];
const WEBGL = "@tensorflow/tfjs-backend-webgl/dist/tf-backend-webgl.min.js";
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PICTURES = join(ROOT, "fixtures/mnist");
const CASES = join(ROOT, "fixtures/models/digits/cases-2.json");
/** Of probabilities. */
const LIMIT = 1e-3;

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "mlship-browser-"));
try {
	const browser = await startBrowser().catch((error) => {
		console.log(`skipped Chromium: ${firstLine(error)}`);
	});
	if (browser !== undefined) process.exitCode = await tryDemo(browser);
} finally {
	rmSync(folder, { recursive: true, maxRetries: 3 });
}

async function startBrowser() {
	await run(
		"npm",
		["install", "--no-save", "--ignore-scripts", "--prefix", folder].concat(
			PACKAGES,
		),
	);
	const require = createRequire(join(folder, "package.json"));
	// it unpacks itself there
	process.env.TMPDIR = folder;
	const { default: chromium } = await import(
		require.resolve("@sparticuz/chromium")
	);
	return require("playwright-core").chromium.launch({
		executablePath: await chromium.executablePath(),
		args: chromium.args,
	});
}

function firstLine(error) {
	const text = `${error.stderr ?? ""}${error.message}`;
	return (
		/[^\n]*(cannot open shared object file|npm error)[^\n]*/.exec(text)?.[0] ??
		text.split("\n")[0]
	);
}

/** Returns the exit status. */
async function tryDemo(browser) {
	const out = join(folder, "demo");
	await run(process.execPath, [
		...[join(ROOT, "bin/mlship.js"), "convert", join(ROOT, "models/digits")],
		...["--target", "web", "--demo", "--out", out],
	]);
	const server = await serveFolder(out, {
		"/webgl.js": join(folder, "node_modules", WEBGL),
	});
	try {
		const page = await browser.newPage();
		const problems = [];
		page.on("pageerror", ({ message }) => problems.push(message));
		page.on("response", (response) => {
			if (response.status() >= 400)
				problems.push(`${response.status()} ${response.url()}`);
		});
		await page.goto(server.url);
		await page.getByText(/^ready/).waitFor();
		problems.push(...(await drawnDigits(page)));
		problems.push(...(await webglAnswers(page)));
		// browsers ask for it unasked
		const wrong = problems.filter((text) => !text.includes("favicon.ico"));
		for (const text of wrong) console.log(`WRONG: ${text}`);
		return wrong.length > 0 ? 1 : 0;
	} finally {
		await browser.close();
		server.close();
	}
}

/** Puts pictures of digits into the page, whose names say what they are. */
async function drawnDigits(page) {
	const problems = [];
	for (const name of readdirSync(PICTURES).filter((one) => /png$/.test(one))) {
		await page.getByRole("button", { name: "clear" }).click();
		await page.locator("input[type=file]").setInputFiles(join(PICTURES, name));
		await page.waitForFunction(isDrawn);
		await page.evaluate(() =>
			document.getElementById("answers").replaceChildren(),
		);
		await page.getByRole("button", { name: "run" }).click();
		const answer = await page.locator("pre").first().textContent();
		const [, first] = answer.split("\n");
		console.log(`${name}: ${first}`);
		if (!first.startsWith(`${basename(name, ".png")} `))
			problems.push(`${name} is taken for ${first}`);
	}
	console.log(await page.locator("#status").textContent());
	return problems;
}

/** In the page: whether its canvas is no longer black. */
function isDrawn() {
	const canvas = document.querySelector("canvas");
	const { width, height } = canvas;
	const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
	return data.some((value, i) => i % 4 < 3 && value > 0);
}

/** TensorFlow's answers, from the graphics processor or what stands in for one. */
async function webglAnswers(page) {
	await page.addScriptTag({ url: "webgl.js" });
	const cases = readCases(CASES).map(({ signature, inputs, outputs }) => ({
		signature,
		inputs: plain(inputs),
		outputs: plain(outputs),
	}));
	const asked = cases.filter(
		({ signature }) => signature === "serving_default",
	);
	const worst = await page.evaluate(async (questions) => {
		const { tf } = globalThis;
		if (!(await tf.setBackend("webgl"))) return undefined;
		const model = await tf.loadGraphModel("model.json");
		let off = 0;
		for (const { inputs, outputs } of questions) {
			const feeds = {};
			for (const [name, { data, shape }] of Object.entries(inputs))
				feeds[name] = tf.tensor(data, shape);
			const names = Object.keys(outputs);
			const made = [model.execute(feeds, names)].flat();
			for (const [i, name] of names.entries()) {
				const values = await made[i].data();
				for (const [at, wanted] of outputs[name].data.entries())
					off = Math.max(off, Math.abs(values[at] - wanted));
			}
		}
		return off;
	}, asked);
	if (worst === undefined) {
		console.log("skipped WebGL: this Chromium has none here");
		return [];
	}
	console.log(`WebGL: at most ${worst.toPrecision(2)} from TensorFlow`);
	return worst <= LIMIT ? [] : [`WebGL answers ${worst} from TensorFlow`];
}

/** What can be sent to a page. */
function plain(tensors) {
	return Object.fromEntries(
		Object.entries(tensors).map(([name, { data, shape }]) => [
			name,
			{ data: Array.from(data), shape },
		]),
	);
}
