/** Workflow ids: what an operator types into the Temporal UI. */
export function contactWorkflowId(accountId: string, batchId: string, contactId: string): string {
  return `contact/${accountId}/${batchId}/${contactId}`;
}

export function batchWorkflowId(batchId: string): string {
  return `batch/${batchId}`;
}

export function dialerWorkflowId(poolId: string): string {
  return `dialer/${poolId}`;
}
