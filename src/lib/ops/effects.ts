/** Ops that change what signatures share: a table or a queue. */
export const SHARED_CHANGES: readonly string[] = [
	"LookupTableInsert",
	"LookupTableInsertV2",
	"LookupTableRemoveV2",
	"LookupTableImport",
	"LookupTableImportV2",
	...[
		"Enqueue",
		"EnqueueMany",
		"Dequeue",
		"DequeueMany",
		"DequeueUpTo",
		"Close",
	].flatMap((kind) => [`Queue${kind}`, `Queue${kind}V2`]),
];

/**
 * Ops that change something outside the values they return (a variable, a table, a queue, a file). They are part of a
 * Program even if only a control dependency leads to them. Printing and asserting are left out: serving does neither.
 */
export const EFFECTS: ReadonlySet<string> = new Set([
	"Assign",
	"AssignAdd",
	"AssignSub",
	"AssignVariableOp",
	"AssignAddVariableOp",
	"AssignSubVariableOp",
	"CountUpTo",
	"ResourceCountUpTo",
	...["Update", "Add", "Sub", "Mul", "Div", "Min", "Max"].flatMap((kind) => [
		`Scatter${kind}`,
		`ResourceScatter${kind}`,
	]),
	...["Update", "Add", "Sub", "Min", "Max"].flatMap((kind) => [
		`ScatterNd${kind}`,
		`ResourceScatterNd${kind}`,
	]),
	"StridedSliceAssign",
	"ResourceStridedSliceAssign",
	"RngSkip",
	"RngReadAndSkip",
	...[
		"Uniform",
		"StandardNormalV2",
		"TruncatedNormal",
		"UniformInt",
		"UniformFullInt",
	].map((kind) => `Stateful${kind}`),
	"DestroyResourceOp",
	"InitializeTable",
	"InitializeTableV2",
	"InitializeTableFromTextFile",
	"InitializeTableFromTextFileV2",
	...SHARED_CHANGES,
	...["StackPush", "StackPushV2", "StackPop", "StackPopV2"],
	"WriteFile",
	"SaveV2",
]);
