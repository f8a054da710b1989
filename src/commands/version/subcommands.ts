import { Option } from "commander";
import type { CommandContext } from "../context.js";
import { SHARED_OPTIONS } from "../options.js";
import type { VersionCommandOptions } from "../version.js";

/** What a subcommand does with its words and options. */
export type Run = (
	args: readonly string[],
	options: VersionCommandOptions,
	context: CommandContext,
) => Promise<void>;

export interface Subcommand {
	readonly name: string;
	readonly summary: string;
	readonly description: string;
	readonly examples: string;
	/** Flags of commander, and what they are. */
	readonly arguments: readonly (readonly [string, string])[];
	/** It changes the repository, so that it takes a message and the like. */
	readonly changes?: true;
	/** Made anew for each command. */
	options(): Option[];
	load(): Promise<Run>;
}

const VERSION = "MODEL@VERSION or MODEL@LABEL";

const dryRun = () =>
	new Option("--dry-run", "show what would change, and change nothing");
const engine = () => SHARED_OPTIONS.engine();

/** THE list of what `mlship version` can do, in the order of its help. */
export const SUBCOMMANDS: readonly Subcommand[] = [
	{
		name: "list",
		summary: "show versions, labels and traffic",
		description:
			"Show the versions of models: labels, their part of the requests, size, what wrote them, signature, age, whether they are ready.",
		examples: `  mlship version list
  mlship version list digits --json`,
		arguments: [["[model]", "a model, or a folder of models"]],
		options: () => [],
		load: async () => (await import("./list.js")).runList,
	},
	{
		name: "add",
		summary: "make a model the next version",
		description:
			"Copy a SavedModel, an ONNX file, or what Keras wrote into a model's folder: checked, opened once, given digests, and there as a whole or not at all. Who answers stays as it is.",
		examples: `  mlship version add ./trained digits            the next free version of models/digits
  mlship version add ./trained digits@7          as version 7
  mlship version add digits.keras                models/digits, as the file is called
  mlship version add iris.onnx iris --message "trained on 2026 data"`,
		arguments: [
			["<source>", "a folder, or a .onnx, .keras, .h5 or model.json file"],
			["[model]", "MODEL or MODEL@VERSION (default: named as the source)"],
		],
		changes: true,
		options: () => [
			new Option("--link", "hard links instead of copies, where that can be"),
			new Option("--force", "take a model too that mlship cannot run"),
			engine(),
		],
		load: async () => (await import("./add.js")).runAdd,
	},
	{
		name: "label",
		summary: "name a version",
		description:
			"Point a label at a version: requests that name the label go there.",
		examples: `  mlship version label digits@2 canary
  mlship version label digits canary --remove`,
		arguments: [
			["<version>", VERSION],
			["<label>", "a name as canary"],
		],
		changes: true,
		options: () => [new Option("--remove", "take the label away")],
		load: async () => (await import("./label.js")).runLabel,
	},
	{
		name: "promote",
		summary: "send all requests to a version, if it passes",
		description:
			"Verify a version, compare its signature with the current one's, measure both on the same data if there is some; then give it all requests and the label stable. Where one says no, nothing changes and the exit status is 8.",
		examples: `  mlship version promote digits@2
  mlship version promote digits@canary --message "8 % fewer errors"
  mlship version promote digits@2 --evaluate images.gz+labels.gz --metric accuracy --min 0.95 --max-drop 0.01`,
		arguments: [["<version>", VERSION]],
		changes: true,
		options: () => [
			new Option(
				"--evaluate <files...>",
				"inputs and labels: IMAGES+LABELS as idx or npy, or one npz or jsonl",
			),
			new Option(
				"--metric <name>",
				"accuracy, top-5, mae or rmse (default: accuracy)",
			),
			new Option("--min <value>", "the least that the version must reach"),
			new Option("--max <value>", "the most, of mae and rmse"),
			new Option("--max-drop <value>", "how much worse than the current one"),
			new Option("--scale <from..to>", "what pixels 0 to 255 become"),
			new Option("--output <name>", "the output that is measured"),
			new Option(
				"--signature <name>",
				"what is run (default: serving_default)",
			),
			new Option(
				"--force",
				"promote what did not pass; wants --message, the history tells",
			),
			dryRun(),
			engine(),
		],
		load: async () => (await import("./promote.js")).runPromote,
	},
	{
		name: "rollback",
		summary: "go back to the version before",
		description:
			"Give all requests back to the last version that had them all, or to the one that is named, and the label stable with them.",
		examples: `  mlship version rollback digits
  mlship version rollback digits --dry-run       which one that is
  mlship version rollback digits@1 --message "3 answers nonsense"`,
		arguments: [["<model>", "MODEL, or MODEL@VERSION to go back to"]],
		changes: true,
		options: () => [dryRun()],
		load: async () => (await import("./rollback.js")).runRollback,
	},
	{
		name: "split",
		summary: "share requests out to versions",
		description:
			"Share out the requests that name neither a version nor a label. Percentages make 100; versions without one divide what is left over.",
		examples: `  mlship version split digits 1@90 2@10
  mlship version split digits stable canary@5%   95 and 5
  mlship version split digits 1@90 2@10 --by x-user-id`,
		arguments: [
			["<model>", "a model"],
			["<shares...>", "VERSION@PERCENT or LABEL@PERCENT, as 2@10"],
		],
		changes: true,
		options: () => [
			new Option(
				"--by <header>",
				"the header whose values stay with a version each; none for chance",
			),
			dryRun(),
		],
		load: async () => (await import("./split.js")).runSplit,
	},
	{
		name: "diff",
		summary: "compare two versions",
		description:
			"Compare signatures, operations, layers and weights. Where a caller of the first would be refused by the second, or understand its answers no more, the exit status is 8.",
		examples: `  mlship version diff digits@1 digits@2
  mlship version diff digits@stable digits@canary --json
  mlship version diff ./models/digits/1 ./trained`,
		arguments: [
			["<from>", VERSION],
			["<to>", VERSION],
		],
		options: () => [],
		load: async () => (await import("./diff.js")).runDiff,
	},
	{
		name: "verify",
		summary: "check versions: files, digests, whether they run",
		description:
			"Check that versions are whole, that their bytes are those that were added, that checkpoints match their checksums, that they can be opened, and that they answer the requests that they bring.",
		examples: `  mlship version verify digits@2
  mlship version verify                          every version of every model
  mlship version verify digits --record          write digests for versions without`,
		arguments: [["[version]", "MODEL, MODEL@VERSION or MODEL@LABEL"]],
		options: () => [
			new Option("--record", "write digests for versions that have none"),
			engine(),
		],
		load: async () => (await import("./verify.js")).runVerify,
	},
	{
		name: "remove",
		summary: "remove a version that nobody asks",
		description:
			"Remove a version's folder. One that requests or a label go to is refused.",
		examples: "  mlship version remove digits@1",
		arguments: [["<version>", "MODEL@VERSION"]],
		changes: true,
		options: () => [dryRun()],
		load: async () => (await import("./remove.js")).runRemove,
	},
	{
		name: "history",
		summary: "show who changed what, when and why",
		description: "Show the changes of a model, the latest first.",
		examples: `  mlship version history digits
  mlship version history digits --limit 5 --json`,
		arguments: [["[model]", "a model"]],
		options: () => [new Option("--limit <n>", "as many of the latest")],
		load: async () => (await import("./history.js")).runHistory,
	},
];
