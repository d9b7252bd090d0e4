import { databaseNow, type Trx } from '../../db/client.ts';
import { asChange, packHolding } from '../policy/pack-for.ts';
import { readHolidays } from '../policy/queries-holidays.ts';
import type { RulePack } from '../policy/rules/pack.ts';
import type { Policy } from '../policy/rules/policy.ts';
import { planSlots } from '../policy/rules/slots.ts';
import { zonesOf } from '../policy/rules/zones.ts';
import { ownAccount } from '../shared/queries-account.ts';
import { refuse } from '../shared/refused.ts';
import { lastChosenPack } from './queries-terms.ts';
import { chooseRules, type Terms, type TermsRequest } from './terms.ts';

export interface PreviewRequest extends Omit<TermsRequest, 'importId' | 'pack'> {
  readonly useCase: string;
  /** Default: the one that the account has chosen last. */
  readonly pack: string | undefined;
  /** Default: now. */
  readonly from: Date | undefined;
}

export interface PreviewedTerms {
  readonly terms: Terms;
  /** Of the account's clock; null: the pack allows no call in sight. */
  readonly firstCallAt: Date | null;
}

/**
 * The rules that a batch would be worked under, and when its first call could be: what a dry run, a rehearsal and a start
 * say alike. Throws `OperationRefused` for what a batch would be refused for.
 */
export async function previewTerms(trx: Trx, request: PreviewRequest): Promise<PreviewedTerms> {
  const pack = request.pack ?? (await lastChosenPack(trx));
  if (pack === undefined) throw refuse('no_pack_chosen', {}, { field: 'pack' });
  const named = await chooseRules(trx, { ...request, pack }, request.useCase);
  const isDemo = named.pack.simulatedOnly && request.policy === undefined;
  const terms = isDemo
    ? await chooseRules(trx, { ...request, pack, policy: 'demo' }, request.useCase)
    : named;
  const from = request.from ?? (await databaseNow(trx));
  return { terms, firstCallAt: await firstCallFrom(trx, terms, from) };
}

/** The first instant from then on at which somebody who lives by the account's clock may be called. */
export async function firstCallFrom(
  trx: Trx,
  { policy, pack, zone }: { readonly policy: Policy; readonly pack: RulePack; readonly zone: string },
  from: Date,
): Promise<Date | null> {
  const { country } = await ownAccount(trx);
  const changes = (await readHolidays(trx, country)).map(asChange);
  const [slot] = planSlots({
    policy,
    pack: packHolding(pack, changes, { country, region: null }),
    zones: zonesOf(country, zone),
    fromMs: from.getTime(),
    anchorMs: from.getTime(),
    count: 1,
  });
  return slot === undefined ? null : new Date(Math.max(slot.opensAtMs, from.getTime()));
}
