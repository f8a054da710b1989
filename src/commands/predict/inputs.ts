import { resolve } from "node:path";
import type { Tensors } from "../../lib/engines/engine.js";
import { fail, MlshipError } from "../../lib/errors.js";
import { isFile, readWhole } from "../../lib/formats/file.js";
import { nearest, quoted } from "../../lib/nearest.js";
import type {
	Signature,
	SignaturePort,
} from "../../lib/savedmodel/signature.js";
import { readTensorFile } from "../../lib/tensor/file.js";
import { decodeTensorValue } from "../../lib/tensor/json/value.js";
import type { Tensor } from "../../lib/tensor/tensor.js";
import { MAX_FILE_BYTES } from "./request.js";

/** Tensors of the options `NAME=VALUE`: JSON or a file of values each. Fails with INVALID for names that the signature lacks. */
export function readInputs(
	options: readonly string[],
	signature: Signature,
	cwd: string,
): Tensors {
	const tensors: Record<string, Tensor> = {};
	for (const option of options) {
		const split = option.indexOf("=");
		if (split < 1)
			throw fail(
				"INVALID",
				`cannot read --input ${option}: NAME=FILE or NAME=JSON is wanted`,
			);
		const port = findInput(option.slice(0, split), signature);
		if (Object.hasOwn(tensors, port.name))
			throw fail("INVALID", `cannot use input "${port.name}" twice`);
		tensors[port.name] = readValue(
			option.slice(split + 1),
			port,
			signature,
			cwd,
		);
	}
	return tensors;
}

function findInput(name: string, { key, inputs }: Signature): SignaturePort {
	const port = inputs.find((candidate) => candidate.name === name);
	if (port !== undefined) return port;
	const names = inputs.map((input) => input.name);
	throw fail(
		"INVALID",
		`cannot find input "${name}": signature "${key}" has ${quoted(nearest(name, names))}`,
		{ at: { input: name } },
	);
}

/** A file counts before JSON; `x.npz[name]` is one array of several. */
function readValue(
	value: string,
	port: SignaturePort,
	signature: Signature,
	cwd: string,
): Tensor {
	const [, archive, variable] = /^(.+)\[([^[\]]+)\]$/.exec(value) ?? [];
	const file = [value, archive].find(
		(name) => name !== undefined && isFile(resolve(cwd, name)),
	);
	if (file === undefined) {
		if (isJsonLike(value))
			return decodeTensorValue(Buffer.from(value), port, signature);
		throw fail(
			"NOT_FOUND",
			`cannot open ${value} for input "${port.name}": no such file, and it is no JSON value`,
			{ at: { input: port.name } },
		);
	}
	const bytes = readWhole(resolve(cwd, file), MAX_FILE_BYTES);
	try {
		return readTensorFile(bytes, port, signature, {
			variable: file === value ? undefined : variable,
			isJson: file.toLowerCase().endsWith(".json"),
		});
	} catch (error) {
		if (!(error instanceof MlshipError)) throw error;
		throw fail(
			error.code,
			`cannot use ${file} for input "${port.name}": ${error.message}`,
			{ at: { input: port.name, file }, cause: error },
		);
	}
}

function isJsonLike(value: string): boolean {
	return /^\s*(?:[[{"\d-]|true|false|null|NaN|Inf)/.test(value);
}
