/** What the demo gets of the running stack. `dev/demo/run.ts` exports `runDemo(context): Promise<DemoResult>`. */
export interface DemoContext {
  readonly apiUrl: string;
  /** Undefined when TEMPORAL_ADDRESS names a server whose UI we do not know. */
  readonly temporalUiUrl: string | undefined;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** As the user who owns the tables. */
  readonly databaseUrl: string;
  readonly fakeVoiceUrl: string;
  /** The key that API, worker and fake provider share; webhooks are signed with it. */
  readonly fakeVoiceApiKey: string;
  readonly stateDir: string;
  /** The stack stops after the demo, with the demo's exit code. */
  readonly once: boolean;
  /** Aborted when the person at the terminal wants to stop. */
  readonly signal: AbortSignal;
}

export interface DemoResult {
  readonly exitCode: number;
}

export type RunDemo = (context: DemoContext) => Promise<DemoResult>;
