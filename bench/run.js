#!/usr/bin/env node
/**
 * `npm run bench [-- SECTION…] [--save] [--quick]`: measures mlship against what else could do the work, on this machine,
 * in one run, and prints ratios. Peers that are not installed are skipped by name; bench/setup.sh installs them.
 */
import { parseArgs } from "node:util";
import { findPlace } from "./place.js";
import { saveMeasurements, withSavedRows } from "./results.js";
import { measureBatching } from "./sections/batching.js";
import { measureCodec } from "./sections/codec.js";
import { measureConnections } from "./sections/connections.js";
import { measureConvert } from "./sections/convert.js";
import { measureDeploy } from "./sections/deploy.js";
import { measureDigits } from "./sections/digits.js";
import { measureExport } from "./sections/export.js";
import { measureGraph } from "./sections/graph.js";
import { measureGrpc } from "./sections/grpc.js";
import { measureHost } from "./sections/host.js";
import { measureInspect } from "./sections/inspect.js";
import { measureLoad } from "./sections/load.js";
import { measureMemory } from "./sections/memory.js";
import { measureModels } from "./sections/models.js";
import { measurePredict } from "./sections/predict.js";
import { measureReload } from "./sections/reload.js";
import { measureRest } from "./sections/rest.js";
import { measureRnn } from "./sections/rnn.js";
import { measureSoak } from "./sections/soak.js";
import { measureSwap } from "./sections/swap.js";
import { measureVersion } from "./sections/version.js";
import { renderReport, renderTable } from "./table.js";

/** In the order of the table. Each takes a place and returns rows. */
const SECTIONS = {
	version: measureVersion,
	codec: measureCodec,
	inspect: measureInspect,
	graph: measureGraph,
	predict: measurePredict,
	rnn: measureRnn,
	host: measureHost,
	load: measureLoad,
	memory: measureMemory,
	convert: measureConvert,
	export: measureExport,
	deploy: measureDeploy,
	digits: measureDigits,
	rest: measureRest,
	batching: measureBatching,
	connections: measureConnections,
	grpc: measureGrpc,
	swap: measureSwap,
	reload: measureReload,
	models: measureModels,
	soak: measureSoak,
};

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		save: { type: "boolean", default: false },
		quick: { type: "boolean", default: false },
	},
});
const unknown = positionals.filter((name) => !Object.hasOwn(SECTIONS, name));
if (unknown.length > 0) {
	console.error(
		`error: cannot measure ${unknown.join(", ")}: the sections are ${Object.keys(SECTIONS).join(", ")}`,
	);
	process.exit(2);
}

const place = findPlace({ quick: values.quick });
const rows = [];
for (const name of positionals.length > 0
	? positionals
	: Object.keys(SECTIONS)) {
	place.say(`measuring ${name}`);
	rows.push(...(await SECTIONS[name](place)));
}
console.log(renderTable(rows));
if (values.save) {
	const all = withSavedRows(rows, Object.keys(SECTIONS));
	place.say(`wrote ${saveMeasurements(renderReport(all))}`);
}
