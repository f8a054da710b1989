import { basename, dirname, join } from "node:path";
import { freePort, MLSHIP, startServer } from "../child.js";
import { GENERATOR, load } from "../load.js";
import { modelFolder, onnxFile } from "../models.js";
import { HOME } from "../place.js";
import { writeQuestion } from "../questions.js";
import { median, row, skipped } from "../table.js";

const PEERS = join(HOME, "bench/peers");

/** What each model is asked by how many connections, and by which numbers of them a goal is set. */
const QUESTIONS = [
	{
		model: "digits",
		connections: [1, 16, 64],
		judged: [16, 64],
	},
	{
		model: "mobilenet_v2",
		connections: [4],
		judged: [4],
	},
];

/** How many times as many requests as each peer. */
const GOALS = { FastAPI: 8, Flask: 6 };

/** TensorFlow Serving's predict route over JSON, one instance a request. */
export async function measureRest(place) {
	const rows = [];
	for (const question of QUESTIONS)
		rows.push(...(await measureQuestion(question, place)));
	return rows;
}

async function measureQuestion(question, place) {
	const { model } = question;
	const folder = await modelFolder(model, place);
	if (folder === undefined)
		return [skipped("rest", model, "no TensorFlow to make the model")];
	const { file, body } = writeQuestion(model, place);
	const commands = await serverCommands(model, folder, place);
	const servers = [];
	try {
		for (const command of commands.present)
			servers.push(await start(command, body));
		return [
			...(await inTurn(question, servers, file, place)),
			...commands.absent.map(([name, reason]) =>
				skipped("rest", `${model} vs ${name}`, reason),
			),
		];
	} finally {
		for (const { stop } of servers) await stop();
	}
}

async function serverCommands(model, folder, place) {
	const absent = [];
	const present = [await mlshipCommand(folder)];
	if (place.python === undefined)
		for (const name of ["FastAPI", "Flask"])
			absent.push([name, "no TensorFlow"]);
	else
		present.push(
			await fastapiCommand(folder, place),
			await flaskCommand(folder, place),
		);
	const file = await onnxFile(model, place);
	if (file === undefined)
		absent.push(["naive Node server", "no tf2onnx to make its file"]);
	else present.push(await naiveCommand(file));
	return { present, absent };
}

async function mlshipCommand(folder) {
	const port = await freePort();
	return {
		name: "mlship",
		url: `http://127.0.0.1:${port}/v1/models/${basename(dirname(folder))}:predict`,
		command: process.execPath,
		args: [MLSHIP, "serve", dirname(folder), `--rest_api_port=${port}`],
		env: {},
	};
}

async function fastapiCommand(folder, { python }) {
	const port = await freePort();
	return peer(
		"FastAPI",
		port,
		join(dirname(python), "uvicorn"),
		[
			"--app-dir",
			PEERS,
			"fastapi_tf:app",
			"--port",
			String(port),
			"--log-level",
			"warning",
		],
		folder,
	);
}

async function flaskCommand(folder, { python }) {
	const port = await freePort();
	return peer(
		"Flask",
		port,
		join(dirname(python), "gunicorn"),
		["--chdir", PEERS, "-w", "2", "-b", `127.0.0.1:${port}`, "flask_tf:app"],
		folder,
	);
}

async function naiveCommand(file) {
	const port = await freePort();
	return peer(
		"naive Node server",
		port,
		process.execPath,
		[join(PEERS, "naive.js"), String(port)],
		file,
	);
}

function peer(name, port, command, args, model) {
	return {
		name,
		url: `http://127.0.0.1:${port}/v1/models/m:predict`,
		command,
		args,
		env: { MODEL: model },
	};
}

async function start({ name, url, command, args, env }, body) {
	const { stop } = await startServer(command, args, env, async () => {
		const response = await fetch(url, {
			method: "POST",
			body,
			headers: { "content-type": "application/json" },
		}).catch(() => undefined);
		return (
			response?.ok === true && (await response.json()).predictions !== undefined
		);
	});
	return { name, url, stop };
}

async function inTurn({ model, connections, judged }, servers, file, place) {
	const rows = [];
	for (const count of connections) {
		const reports = new Map(servers.map(({ name }) => [name, []]));
		for (const { url } of servers) await load(url, file, count, 1);
		for (let i = 0; i < place.rounds; i++)
			for (const { name, url } of servers)
				reports.get(name).push(await load(url, file, count, place.seconds));
		const [mine, ...others] = [...reports].map(([name, list]) =>
			summary(name, list),
		);
		for (const other of others)
			rows.push(
				row(
					"rest",
					`${model}, ${count} connections, vs ${other.name} (${GENERATOR})`,
					{
						figure: `${mine.text} vs ${other.text}`,
						ratio: mine.rate / other.rate,
						goal: judged.includes(count) ? GOALS[other.name] : undefined,
					},
				),
			);
	}
	return rows;
}

function summary(name, reports) {
	const middle = (key) => median(reports.map((report) => report[key]));
	const errors = reports.reduce((sum, report) => sum + report.errors, 0);
	const text = `${middle("rate").toFixed(0)}/s p50 ${middle("p50").toFixed(1)} p99 ${middle("p99").toFixed(1)} ms`;
	return {
		name,
		rate: middle("rate"),
		text: errors === 0 ? text : `${text} (${errors} errors)`,
	};
}
