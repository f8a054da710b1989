import { Option } from "commander";
import { parseQuantizeRule } from "../../lib/convert/quantize.js";
import type { TargetSettings } from "../../lib/convert/target.js";
import { fail } from "../../lib/errors.js";
import { OLDEST_OPSET, OPSET } from "../../lib/targets/onnx/versions.js";
import {
	CONTROL_FLOWS,
	type ControlFlow,
} from "../../lib/targets/web/control-flow.js";
import { bytes, INT32_MAX, whole } from "../readers.js";

/** An option that only some targets take. */
export interface SettingFlag {
	readonly option: () => Option;
	readonly setting: keyof TargetSettings;
	/** From what was typed. Fails with INVALID. */
	readonly read: (value: unknown) => TargetSettings[keyof TargetSettings];
}

/** THE table of options that belong to targets. */
export const SETTING_FLAGS: readonly SettingFlag[] = [
	{
		option: () =>
			new Option(
				"--shard-size <bytes>",
				"web: largest file of weights, as 4MiB (the default)",
			),
		setting: "shardBytes",
		read: (value) => bytes(String(value), "--shard-size"),
	},
	{
		option: () =>
			new Option(
				"--wasm-safe",
				"web: refuse what the WebAssembly backend does not run",
			),
		setting: "wasmSafe",
		read: (value) => value === true,
	},
	{
		option: () =>
			new Option(
				"--control-flow <form>",
				"web: branches and loops as functions, or lowered to nodes of TensorFlow 1",
			).choices(CONTROL_FLOWS),
		setting: "controlFlow",
		read: (value) => value as ControlFlow,
	},
	{
		option: () =>
			new Option(
				"--demo",
				"web: a page beside it that loads and runs the model",
			),
		setting: "demo",
		read: (value) => value === true,
	},
	{
		option: () =>
			new Option(
				"--quantize <type[=globs]>",
				"weights as float16, uint16 or uint8 (web), float16, int8 or int16 (lite), all or those of names, as uint8='conv*,dense*' (repeatable)",
			).argParser((value: string, before: readonly string[] = []) => [
				...before,
				value,
			]),
		setting: "quantize",
		read: (value) => (value as readonly string[]).map(parseQuantizeRule),
	},
	{
		option: () =>
			new Option(
				"--calibrate <path>",
				"lite: compute with int8 or int16, by inputs in an npz, npy, json or jsonl file or a folder of pictures",
			),
		setting: "calibrate",
		read: String,
	},
	{
		option: () =>
			new Option(
				"--integer-io",
				"lite: inputs and outputs are integers too, with --calibrate",
			),
		setting: "integerPorts",
		read: (value) => value === true,
	},
	{
		option: () =>
			new Option(
				"--fix-batch <n>",
				"lite: a batch of this size, where the signature leaves it open",
			),
		setting: "fixBatch",
		read: (value) => whole(1, INT32_MAX)(String(value), "--fix-batch"),
	},
	{
		option: () =>
			new Option(
				"--opset <n>",
				`onnx: version of the operators, from ${OLDEST_OPSET} to ${OPSET} (the default)`,
			),
		setting: "opset",
		read: (value) => whole(OLDEST_OPSET, OPSET)(String(value), "--opset"),
	},
	{
		option: () =>
			new Option(
				"--external-data",
				"onnx: weights in a file of their own, as beyond 2 GB",
			),
		setting: "externalData",
		read: (value) => value === true,
	},
];

/** The settings that were typed. Fails with INVALID for one that the target does not take. */
export function readSettings(
	options: Readonly<Record<string, unknown>>,
	target: string,
	takes: readonly (keyof TargetSettings)[],
): TargetSettings {
	const settings: Record<string, unknown> = {};
	for (const { option, setting, read } of SETTING_FLAGS) {
		const { long } = option();
		const value = options[option().attributeName()];
		if (value === undefined) continue;
		if (!takes.includes(setting))
			throw fail(
				"INVALID",
				`cannot use ${long} with --target ${target}: that target does not take it`,
			);
		settings[setting] = read(value);
	}
	return settings;
}
