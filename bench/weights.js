import {
	bindVariables,
	buildProgram,
	findMetaGraph,
	findSignature,
	readSavedModel,
} from "../dist/lib/index.js";

/** Bytes of the weights that the default signature of a version uses: Keras writes every weight into the checkpoint twice. */
export function weightBytes(folder) {
	const model = readSavedModel(folder);
	const metaGraph = findMetaGraph(model);
	const { nodes } = buildProgram({
		model,
		metaGraph,
		signature: findSignature(metaGraph),
		variables: bindVariables(model, metaGraph),
	});
	const sizes = nodes.map(({ attrs }) => attrs.value?.byteLength ?? 0);
	return sizes.reduce((sum, size) => sum + size, 0);
}
