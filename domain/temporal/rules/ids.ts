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
