import { type Client, isGrpcServiceError } from '@temporalio/client';
import { refuse } from '../shared/refused.ts';

const grpcDeadlineExceeded = 4;
const grpcUnavailable = 14;
const grpcFailedPrecondition = 9;

/**
 * Asks Temporal, within a bound: without one, an Update waits for ever for a worker that is not there. Throws
 * `OperationRefused` ('unavailable') when Temporal does not answer; what was asked may still be done.
 */
export async function askTemporal<T>(client: Client, withinMs: number, ask: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + withinMs, ask);
  } catch (error) {
    if (!isNoAnswer(error)) throw error;
    throw refuse('temporal_unavailable', {}, { cause: error });
  }
}

/**
 * The task that an update was in could not be completed, as when a signal came in just before the workflow's end: the update
 * is forgotten, nothing of it is done, and it may be asked again.
 */
export function isForgotten(error: unknown): boolean {
  return causesOf(error).some((cause) => isGrpcServiceError(cause) && cause.code === grpcFailedPrecondition);
}

function isNoAnswer(error: unknown): boolean {
  return causesOf(error).some(
    (cause) =>
      cause.name === 'WorkflowUpdateRPCTimeoutOrCancelledError' ||
      (isGrpcServiceError(cause) && (cause.code === grpcDeadlineExceeded || cause.code === grpcUnavailable)),
  );
}

/** The SDK wraps gRPC errors in errors of its own, some of them twice. */
function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  for (let cause: unknown = error; cause instanceof Error && causes.length < 5; cause = cause.cause)
    causes.push(cause);
  return causes;
}
