import { isDeepStrictEqual } from 'node:util';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema/schema.ts';
import { shippedHolidayChanges } from '../policy/rules/holidays.ts';
import { rulePacks } from '../policy/rules/packs/index.ts';
import { collectionStandard } from '../negotiation/rules/standard.ts';
import type { Negotiation } from '../negotiation/rules/types.ts';
import { policies } from '../policy/rules/policy.ts';
import { useCases } from '../usecases/registry.ts';

/**
 * Mirrors what the code ships (policies, rule packs, holidays, negotiations, use cases) into the catalogue. A version that is
 * stored already must be the same: a batch that runs under version 1 was promised that version, so a change needs a new number.
 */
export async function registerCatalogue(owner: Kysely<Schema>): Promise<void> {
  for (const { key, version, ...rest } of policies) {
    const definition = { key, version, ...rest };
    await owner
      .insertInto('catalogue.policy_version')
      .values({ key, version, definition: JSON.stringify(definition) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const stored = await owner
      .selectFrom('catalogue.policy_version')
      .select('definition')
      .where('key', '=', key)
      .where('version', '=', version)
      .executeTakeFirstOrThrow();
    requireSame(`policy ${key}@${version}`, stored.definition, definition);
  }
  for (const pack of rulePacks) {
    const { key, version, source, confidence } = pack;
    await owner
      .insertInto('catalogue.rule_pack_version')
      .values({ key, version, source, confidence, definition: JSON.stringify(pack) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const stored = await owner
      .selectFrom('catalogue.rule_pack_version')
      .select('definition')
      .where('key', '=', key)
      .where('version', '=', version)
      .executeTakeFirstOrThrow();
    requireSame(`rule pack ${key}@${version}`, stored.definition, pack);
  }
  await registerHolidays(owner);
  await registerNegotiation(owner, collectionStandard);
  for (const { key, title, columns, scripts, scheduleMode } of useCases) {
    const definition = JSON.stringify({ title, columns, scripts, scheduleMode });
    await owner
      .insertInto('catalogue.use_case')
      .values({ key, definition })
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet({ definition, updated_at: sql<Date>`now()` }),
      )
      .execute();
  }
}

/** What an administrator has removed stays removed: its row is there. */
async function registerHolidays(owner: Kysely<Schema>): Promise<void> {
  for (const { country, region, day, everyYear, name, kind, source } of shippedHolidayChanges) {
    await sql`
      insert into catalogue.holiday (country, region, day, every_year, name, kind, source, created_by)
      select ${country}::text, ${region}::text, ${day}::date, ${everyYear}::boolean, ${name}::text, ${kind}::text,
             ${source}::text, 'release'
       where not exists (
         select from catalogue.holiday
          where account_id is null and country = ${country} and region is not distinct from ${region}::text
            and day = ${day}::date and kind = ${kind})`.execute(owner);
  }
}

async function registerNegotiation(owner: Kysely<Schema>, negotiation: Negotiation): Promise<void> {
  const { key, version } = negotiation;
  await owner
    .insertInto('catalogue.negotiation')
    .values({ account_id: null, key, version, definition: JSON.stringify(negotiation) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const stored = await owner
    .selectFrom('catalogue.negotiation')
    .select('definition')
    .where('account_id', 'is', null)
    .where('key', '=', key)
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  requireSame(`negotiation ${key}@${version}`, stored.definition, negotiation);
}

function requireSame(what: string, stored: unknown, shipped: unknown): void {
  const plain: unknown = JSON.parse(JSON.stringify(shipped));
  if (isDeepStrictEqual(stored, plain)) return;
  throw new Error(
    `${what} differs from the version that is stored: give the changed definition a new version`,
  );
}
