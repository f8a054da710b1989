import { listModel } from "../../lib/repository/listing.js";
import { resolveModels } from "../../lib/repository/place.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { listingJson, showListings } from "../ui/version/list.js";
import { placeOf, shownPath } from "./setting.js";
import type { Run } from "./subcommands.js";

/** Shows what there is and who answers. */
export const runList: Run = async ([argument], options, context) => {
	const listings = resolveModels(argument, placeOf(options, context)).map(
		listModel,
	);
	const style = styleFor(colourWanted(context, options, "stdout"));
	context.stdout(
		options.json
			? `${JSON.stringify({ models: listings.map(listingJson) })}\n`
			: showListings(
					listings.map((listing) => ({
						...listing,
						dir: shownPath(listing.dir, context),
					})),
					new Date(),
					style,
				),
	);
};
