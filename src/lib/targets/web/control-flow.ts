/** How branches and loops may be written for TensorFlow.js. */
export const CONTROL_FLOWS = ["functional", "lowered"] as const;

export type ControlFlow = (typeof CONTROL_FLOWS)[number];
