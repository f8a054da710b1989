import type { Command } from "commander";
import { PLACES, type PlaceName } from "../lib/deploy/places.js";
import type { CommandContext, CommandDefinition } from "./context.js";
import { defineDocker } from "./deploy/docker.js";
import { defineK8s } from "./deploy/k8s.js";

export const deployCommand: CommandDefinition = {
	name: "deploy",
	define: (program, context) => {
		const deploy = program
			.command("deploy")
			.summary("bring models to where they serve")
			.description("Bring models to where they serve.")
			.addHelpText("before", EXAMPLES.trimStart());
		for (const name of Object.keys(PLACES) as PlaceName[])
			DEFINERS[name](
				deploy.command(name).summary(PLACES[name].summary),
				context,
			);
	},
};

const EXAMPLES = `
Examples:
  mlship deploy docker                                an image with the models in ./models
  mlship deploy k8s --nodes 5                         manifests that spread it over five nodes
`;

/** Options and action of each place. */
const DEFINERS: Readonly<
	Record<PlaceName, (command: Command, context: CommandContext) => void>
> = { docker: defineDocker, k8s: defineK8s };
