/**
 * Workflow ids, as an operator reads them in the Temporal UI's list. Slugs are unique, made once, never change and hold no
 * personal data, so an id neither: docs/decisions/0021.
 */
export interface BatchAddress {
  /** Of the account. */
  readonly accountSlug: string;
  /** Of the batch, unique in its account. */
  readonly batchSlug: string;
}

export interface ContactAddress extends BatchAddress {
  /** The contact's number in its batch, in the order of the file. */
  readonly number: number;
}

export function contactWorkflowId({ accountSlug, batchSlug, number }: ContactAddress): string {
  return `contact/${accountSlug}/${batchSlug}/${number}`;
}

export function batchWorkflowId({ accountSlug, batchSlug }: BatchAddress): string {
  return `batch/${accountSlug}/${batchSlug}`;
}

export function importWorkflowId({
  accountSlug,
  importId,
}: {
  readonly accountSlug: string;
  readonly importId: string;
}): string {
  return `import/${accountSlug}/${importId}`;
}

/** Of the account that a rehearsal lives in; its contacts' ids begin with it. */
export function rehearsalSlug(rehearsalId: string): string {
  return `ensayo-${rehearsalId.slice(0, 18)}`;
}

export function rehearsalWorkflowId(rehearsalId: string): string {
  return `rehearsal/${rehearsalSlug(rehearsalId)}`;
}

export type WorkflowAddress =
  | ({ readonly kind: 'contact' } & ContactAddress)
  | ({ readonly kind: 'batch' } & BatchAddress)
  | { readonly kind: 'import'; readonly accountSlug: string; readonly importId: string };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whose workflow an id names; undefined: a rehearsal's, or none of ours. */
export function readWorkflowId(workflowId: string): WorkflowAddress | undefined {
  const [kind, accountSlug, second, number, ...more] = workflowId.split('/');
  if (accountSlug === undefined || second === undefined || more.length > 0) return undefined;
  if (kind === 'contact' && number !== undefined && /^\d{1,9}$/.test(number)) {
    return { kind, accountSlug, batchSlug: second, number: Number(number) };
  }
  if (number !== undefined) return undefined;
  if (kind === 'batch') return { kind, accountSlug, batchSlug: second };
  return kind === 'import' && uuid.test(second) ? { kind, accountSlug, importId: second } : undefined;
}
