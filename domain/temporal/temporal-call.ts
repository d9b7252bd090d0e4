import { type Client, isGrpcServiceError } from '@temporalio/client';
import { refuse } from '../shared/refused.ts';

const grpcDeadlineExceeded = 4;
const grpcUnavailable = 14;

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

function isNoAnswer(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // The SDK wraps gRPC errors in errors of its own, some of them twice.
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; depth += 1) {
    if (cause.name === 'WorkflowUpdateRPCTimeoutOrCancelledError') return true;
    if (isGrpcServiceError(cause))
      return cause.code === grpcDeadlineExceeded || cause.code === grpcUnavailable;
    cause = cause.cause;
  }
  return false;
}
