import type { Plant } from './plants.ts';

const digest = "sha256(salt || convert_to(detail::text, 'UTF8'))";
const written = `
  with made as (
    insert into operation.audit (account_id, actor, action, subject) values (:account, 'test', 'test', 'x') returning *)
  insert into operation.audit_seal (account_id, no, audit_id, at, digest, hash, sealed_at)`;

/** What a hand does to the chain of audit rows; `chain.test.ts` has every kind of it. */
export const plantsOfChain: readonly Plant[] = [
  {
    finds: 'audit_chain',
    what: 'a row that is not what was sealed',
    sql: `${written} select account_id, 1, id, at, ${digest}, sha256('x'), '2026-01-01' from made`,
  },
  {
    finds: 'audit_is_sealed',
    what: 'rows that the chain went past',
    sql: `
      insert into operation.audit (account_id, at, actor, action, subject)
      values (:account, now() - interval '3 hours', 'test', 'test', 'x');
      ${written}
      select account_id, 1, id, at, ${digest},
             sha256(convert_to(jsonb_build_array(id, (extract(epoch from at) * 1000000)::bigint,
                                                 actor, action, subject)::text, 'UTF8') || ${digest}), now()
        from made`,
  },
];
