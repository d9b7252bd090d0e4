import { runAudit } from '../../audit/run.ts';

/** What the audit of the books finds, without what is about calls: where nobody calls, nothing has happened. */
export async function auditOf(databaseUrl: string): Promise<readonly string[]> {
  const { invariants } = await runAudit({ databaseUrl, looks: 1 });
  return invariants.flatMap(({ name, breaches }) =>
    name === 'something_happened'
      ? []
      : breaches.map(({ subject, detail }) => `${name} ${subject}: ${detail}`),
  );
}
