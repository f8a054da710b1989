import type { Command } from "commander";
import type {
	CommandContext,
	CommandDefinition,
	GlobalOptions,
} from "./context.js";
import { SHARED_OPTIONS } from "./options.js";

/** As they are written on the command line. */
export interface DoctorCommandOptions extends GlobalOptions {
	readonly models?: string;
	readonly context?: string;
	readonly name?: string;
	readonly namespace?: string;
	readonly nodes?: string;
	readonly image?: string;
	readonly fix?: boolean;
}

export const doctorCommand: CommandDefinition = {
	name: "doctor",
	define: (program, context) => {
		defineDoctor(program.command("doctor"), context);
	},
};

const EXAMPLES = `
Examples:
  mlship doctor                                        this machine, and the cluster of kubectl
  mlship doctor --fix                                  mends what can be mended without harm
  mlship doctor --context prod --namespace shop --nodes 5 --image registry.example.com/digits:2
`;

function defineDoctor(command: Command, context: CommandContext): void {
	command
		.summary("say what is missing to serve and deploy models")
		.description(
			"Look at this machine, at the models, and at what deploy needs: Docker, kubectl, the cluster with its rights, nodes and quotas, the image. Changes nothing without --fix. What is not installed is a warning; what is there and does not work is an error.",
		)
		.addOption(SHARED_OPTIONS.models())
		.option(
			"--context <name>",
			"the cluster, of kubeconfig (default: the current one)",
		)
		.option("--name <name>", "of the service that is to be deployed")
		.option("--namespace <name>", "where it is to be (default: its name)")
		.option("--nodes <n>", "worker nodes that it is to be spread over")
		.option("--image <image>", "the image that nodes are to pull")
		.option("--fix", "mend what can be mended without harm")
		.addHelpText("before", EXAMPLES.trimStart())
		.action(async () => {
			const { runDoctor } = await import("./doctor/run.js");
			await runDoctor(command.optsWithGlobals<DoctorCommandOptions>(), context);
		});
}
