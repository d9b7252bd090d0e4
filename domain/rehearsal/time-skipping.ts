import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { temporal } from '@temporalio/proto';

type Service = Connection['workflowService'];
type SkippingConfig = temporal.api.common.v1.ITimeSkippingConfig;

/** The server stops skipping after so many skips: a workflow that loops for ever shows itself within seconds. */
export const MAX_SKIPS = 1_000;

export interface SkippingOptions {
  readonly maxSkips?: number;
  /** Every started workflow stops skipping when it has lived so long; wait for that with `untilFirstStop`. */
  readonly stopAfterMs?: number;
}

/** Id of the stop that `stopAfterMs` asks for. */
export const FIRST_STOP = 'first-stop';

/**
 * Makes every start of this connection's clients (start, execute, signalWithStart, executeUpdateWithStart) carry time
 * skipping. The SDK has no option for it yet, hence the wrap of the generated service.
 */
export function injectTimeSkipping(
  service: Service,
  { maxSkips = MAX_SKIPS, stopAfterMs }: SkippingOptions,
): void {
  const timeSkippingConfig: SkippingConfig = {
    enabled: true,
    maxSessionSkipCount: maxSkips,
    ...(stopAfterMs === undefined
      ? {}
      : { fastForwardConfig: { id: FIRST_STOP, duration: msToTs(stopAfterMs) } }),
  };
  const start = service.startWorkflowExecution.bind(service);
  const signalWithStart = service.signalWithStartWorkflowExecution.bind(service);
  const multiple = service.executeMultiOperation.bind(service);
  replace(service, 'startWorkflowExecution', (request: Parameters<typeof start>[0]) =>
    start({ ...request, timeSkippingConfig }),
  );
  replace(service, 'signalWithStartWorkflowExecution', (request: Parameters<typeof signalWithStart>[0]) =>
    signalWithStart({ ...request, timeSkippingConfig }),
  );
  replace(service, 'executeMultiOperation', (request: Parameters<typeof multiple>[0]) =>
    multiple({
      ...request,
      operations: (request.operations ?? []).map((operation) =>
        operation.startWorkflow === null || operation.startWorkflow === undefined
          ? operation
          : { ...operation, startWorkflow: { ...operation.startWorkflow, timeSkippingConfig } },
      ),
    }),
  );
}

function replace(service: Service, name: keyof Service, value: unknown): void {
  Object.defineProperty(service, name, { value });
}
