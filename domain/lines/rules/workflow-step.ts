/**
 * Where in its history a workflow took a step. A task whose result was lost is taken again further on in the same history, and
 * may decide otherwise: of two steps of one Temporal run, the one with the shorter history is the lost one.
 */
export interface WorkflowStep {
  readonly temporalRunId: string;
  readonly historyLength: number;
}
