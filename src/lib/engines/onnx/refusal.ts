import { asMlshipError, fail, type MlshipError } from "../../errors.js";

/** A kernel that refuses its inputs, as TensorFlow's do with INVALID_ARGUMENT: an index out of range, sizes that do not meet. */
export function runRefusal(cause: unknown): MlshipError {
	const { message } = asMlshipError(cause);
	if (!message.startsWith("Non-zero status code")) return asMlshipError(cause);
	const reason = /Status Message: ([\s\S]*)$/.exec(message)?.[1] ?? message;
	return fail(
		/failed to allocate|bad_alloc/i.test(reason) ? "OVERLOADED" : "INVALID",
		`cannot run the model on these inputs: ${reason.trim()}`,
		{ cause },
	);
}

/** What ONNX Runtime says of a file that it does not open, in our codes. */
export function openRefusal(path: string, cause: unknown): MlshipError {
	const { message } = asMlshipError(cause);
	for (const { says, code, reason } of REFUSALS) {
		const [, told] = says.exec(message) ?? [];
		if (told !== undefined)
			return fail(code, `cannot load ${path}: ${reason} (${told.trim()})`, {
				at: { file: path },
				cause,
			});
	}
	const told = message.replace(/^Load model from .*? failed:\s*/, "");
	return fail("CORRUPT", `cannot load ${path}: ${told}`, {
		at: { file: path },
		cause,
	});
}

interface Refusal {
	/** Words of onnxruntime: core/graph/model.cc, graph.cc, model_load_utils.h, core/framework/tensorprotoutils.cc. */
	readonly says: RegExp;
	readonly code: "UNSUPPORTED" | "NOT_READY" | "OVERLOADED";
	readonly reason: string;
}

const REFUSALS: readonly Refusal[] = [
	{
		says: /(failed to allocate[^\n]*|bad_alloc)/i,
		code: "OVERLOADED",
		reason: "there is not enough memory",
	},
	{
		says: /(Unsupported model IR version[^\n]*|Opset \d+ is under development|[^.\n]*till opset \d+)/,
		code: "UNSUPPORTED",
		reason: "it is written in a newer form of ONNX than ONNX Runtime reads",
	},
	{
		says: /(\S+ is not a registered function\/op|No Op registered[^\n]*|No opset import[^\n]*)/,
		code: "UNSUPPORTED",
		reason: "ONNX Runtime does not know one of its operations",
	},
	{
		says: /(Could not find an implementation[^\n]*|NOT_IMPLEMENTED[^\n]*)/,
		code: "UNSUPPORTED",
		reason: "ONNX Runtime has no kernel for one of its operations",
	},
	{
		says: /(External data path[^\n]*|External data file[^\n]*|GetFileLength[^\n]*)/i,
		code: "NOT_READY",
		reason: "its weights beside it cannot be read",
	},
];
