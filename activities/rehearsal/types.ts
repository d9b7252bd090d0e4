export interface OpenAt {
  readonly accountId: string;
  readonly contactId: string;
  readonly startsAtMs: number;
  /** When the place became free; null: from the start. */
  readonly afterMs: number | null;
}

export interface RehearsalActivities {
  /** In the order of the file. */
  listContacts(batch: {
    readonly accountId: string;
    readonly batchId: string;
  }): Promise<{ readonly contactIds: readonly string[] }>;
  /**
   * Sets where the contact's calendar begins: the start, or the morning after its place became free. Idempotent. Returns the id
   * of its workflow.
   */
  openContactAt(input: OpenAt): Promise<{ readonly workflowId: string }>;
}
