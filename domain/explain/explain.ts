import { isChannelClosed } from '../messages/queries-channel.ts';
import { DateTime } from 'luxon';
import type { Trx } from '../../db/client.ts';
import type { BatchState, ContactState } from '../../db/schema/schema.ts';
import { chileanPlace, placeText } from '../people/rules/chile-place.ts';
import { zoneOfPlace } from '../people/rules/place.ts';
import type { Zones } from '../policy/rules/calendar.ts';
import { type Explanation, explainCall, explainMessage, readInstant } from '../policy/rules/explain.ts';
import { noHistory } from '../policy/rules/history.ts';
import type { HolidayChange } from '../policy/rules/holidays.ts';
import { packHolding } from '../policy/pack-for.ts';
import type { Breach } from '../policy/rules/limits.ts';
import type { RulePack } from '../policy/rules/pack.ts';
import type { RefusalReason } from '../policy/rules/refusal.ts';
import { zonesOf } from '../policy/rules/zones.ts';
import { callTiming } from '../lines/rules/timing.ts';
import { readPast } from '../policy/contact-history.ts';
import { findContact } from '../contacts/read-contact.ts';
import { lastAttemptOf } from '../calls/queries.ts';
import { findRun } from '../contacts/queries-runs.ts';
import { phoneOf } from '../messages/queries-reached.ts';
import { normaliseNationalId } from '../people/rules/national-id.ts';
import { normalisePhone } from '../people/rules/phone.ts';
import { ownAccount } from '../shared/queries-account.ts';
import { readWorkflowId } from '../temporal/rules/ids.ts';
import { isId } from '../shared/rules/ids.ts';
import { instantInWords } from '../shared/rules/written-instants.ts';
import { type Waiting, waitingOf } from './rules/waiting.ts';
import {
  contactsOf,
  type ExplainedContact,
  isPaid,
  mostExplained,
  phonesOf,
  readWaiting,
} from './queries.ts';
import { refuse } from '../shared/refused.ts';

/** May a person be called, and written to, at an instant; if not, why, and when next. */
export interface Explained {
  readonly atMs: number;
  /** Whose clocks were looked at; the first names days and weeks. */
  readonly zones: Zones;
  readonly pack: Pick<RulePack, 'key' | 'version' | 'title'>;
  readonly call: Explanation;
  readonly message: Explanation;
  /** Of a contact, and as of now, whatever time was asked about. Null: it was asked about nobody in particular. */
  readonly own: OwnStory | null;
}

export interface OwnStory {
  readonly contact: ExplainedContact;
  readonly waiting: Waiting;
  /** The question is about now: what the contact waits for belongs to the answer. */
  readonly isNow: boolean;
}

/** Everything that is known by that id, national id or phone. */
export interface ExplainedWho {
  readonly contacts: readonly Explained[];
  /** There are more than are explained. */
  readonly more: boolean;
}

/**
 * The same of whoever that is: a contact by its id or its workflow's, or all contacts of a person by national id or phone, as
 * people write them. Throws `OperationRefused` when nobody is.
 */
export async function explainWho(trx: Trx, who: string, at: string | undefined): Promise<ExplainedWho> {
  const ids = await contactIdsOf(trx, who.trim());
  const [first] = ids;
  if (first === undefined) throw refuse('nobody_by_that_name', { who: who.trim().slice(0, 60) });
  const contacts: Explained[] = [];
  for (const id of ids.slice(0, mostExplained)) contacts.push(await explainContact(trx, id, at));
  return { contacts, more: ids.length > mostExplained };
}

async function contactIdsOf(trx: Trx, who: string): Promise<readonly string[]> {
  if (isId(who)) return [who];
  const address = readWorkflowId(who);
  if (address?.kind === 'contact') {
    const run = await findRun(trx, address);
    return run === undefined ? [] : [run.contactId];
  }
  const { country } = await ownAccount(trx);
  const nationalId = normaliseNationalId(who, country);
  const phone = normalisePhone(who, country);
  return contactsOf(trx, {
    nationalId: nationalId.ok ? nationalId.value : who,
    e164: phone.ok ? phone.value : null,
  });
}

/**
 * The gate's own facts about one contact and its first phone that may be called, the gate's own answer, and what the contact waits for. `at` as in
 * `readInstant`; undefined: now. Throws `OperationRefused` for a contact that is not there and a time that is none.
 */
export async function explainContact(
  trx: Trx,
  contactId: string,
  at: string | undefined,
): Promise<Explained> {
  const contact = await findContact(trx, contactId);
  if (contact === undefined) throw refuse('contact_not_found');
  const { personId, zones, pack } = contact;
  const nowMs = contact.readAt.getTime();
  const atMs = at === undefined ? nowMs : instantOf(at, zones);
  const waiting = await readWaiting(trx, contactId);
  if (waiting === undefined) throw refuse('contact_not_found');
  // As the turns of the phones go: one on the list is passed over while there is another.
  const phones = await phonesOf(trx, personId);
  const phone = phones.find(({ unwanted }) => !unwanted) ?? phones[0];
  const addressed = await phoneOf(trx, personId, await lastAttemptOf(trx, contactId));
  const isAddressUnwanted = phones.some(({ id, unwanted }) => id === addressed?.id && unwanted);
  const { history, onCall } = await readPast(trx, {
    personId,
    e164: phone?.e164 ?? null,
    atMs: Math.min(atMs, nowMs),
  });
  const isClosed = addressed !== undefined && (await isChannelClosed(trx, addressed.id));
  const unwanted = contact.doNotCall || phone?.unwanted === true;
  const ended = endedBreaches(contact.stopReason, await isPaid(trx, contactId));
  const simulated = contact.simulatedPool;
  const { blocked } = contact;
  const common = { pack, zones, history, blocked, stop: null, requestedByPerson: false };
  const local = (instantMs: number): string => instantInWords(zones[0], instantMs);
  return {
    atMs,
    zones,
    pack,
    own: {
      contact: waiting.contact,
      waiting: waitingOf(waiting.facts, nowMs, local),
      isNow: at === undefined,
    },
    call: explainCall(
      {
        ...common,
        callsPerDay: contact.policy.callsPerDay,
        doNotCall: unwanted,
        phoneInvalid: phone === undefined,
        onCall,
        callerId: contact.fromNumber,
        simulatedPool: simulated,
        dialWindowMs: callTiming.dialWindowMs,
      },
      atMs,
      [...stateBreaches(contact.state, contact.batchState), ...ended],
    ),
    message: explainMessage(
      {
        ...common,
        channel: 'whatsapp',
        doNotContact: contact.doNotCall || isAddressUnwanted,
        channelClosed: isClosed,
        simulatedChannel: simulated,
      },
      atMs,
      addressed === undefined && !contact.doNotCall ? [noAddress, ...ended] : ended,
    ),
  };
}

const stands = (reason: RefusalReason, rule: string, es: string): Breach => ({
  reason,
  rule,
  es,
  notBeforeMs: null,
  waivable: false,
});

const noAddress = stands(
  'phone_invalid',
  'the person has no valid number',
  'la persona no tiene un número válido',
);

/** As the gate's transaction reads them: a call for a contact that is not worked is none. */
function stateBreaches(contact: ContactState, batch: BatchState): readonly Breach[] {
  if (contact === 'closed')
    return [stands('contact_closed', 'the contact is closed', 'el contacto está cerrado')];
  if (batch === 'paused') return [stands('batch_paused', 'the batch is paused', 'el lote está en pausa')];
  if (batch === 'running') return [];
  return [stands('batch_not_running', `the batch is ${batch}`, 'el lote no está en curso')];
}

function endedBreaches(stopReason: string | null, isSettled: boolean): readonly Breach[] {
  const out = stands(
    'stopped',
    `the person is out of it: ${stopReason}`,
    `la persona quedó fuera: ${stopReason}`,
  );
  const paid = stands('debt_settled', 'everything has been paid', 'todo está pagado');
  return [...(stopReason === null ? [] : [out]), ...(isSettled ? [paid] : [])];
}

/** Nobody in particular: a person of whom nothing is known but where they live. */
export interface PlainQuestion {
  readonly pack: RulePack;
  /** ISO 3166; default: the pack's own. */
  readonly country: string | undefined;
  readonly zone: string | undefined;
  readonly region: string | undefined;
  readonly at: string | undefined;
  readonly nowMs: number;
  readonly holidayChanges: readonly HolidayChange[];
}

/** The calendar of a pack, without history. Throws `OperationRefused` when place or time cannot be read. */
export function explainPlain(question: PlainQuestion): Explained {
  const { region = null, holidayChanges } = question;
  const country = question.country ?? question.pack.country;
  if (country === null) {
    throw refuse('country_needed', { pack: question.pack.key }, { field: 'country' });
  }
  const zones = zonesFor(country, question.zone, region);
  // As an import keeps it: a comuna has the holidays of its region too.
  const place = country === 'CL' && region !== null ? chileanPlace(region, 'region') : undefined;
  const lives = { country, region: place === undefined ? region : placeText(place) };
  const pack = packHolding(question.pack, holidayChanges, lives);
  const atMs = question.at === undefined ? question.nowMs : instantOf(question.at, zones);
  const common = { pack, zones, history: noHistory, blocked: false, stop: null, requestedByPerson: false };
  return {
    atMs,
    zones,
    pack,
    own: null,
    call: explainCall(
      {
        ...common,
        callsPerDay: Number.MAX_SAFE_INTEGER,
        doNotCall: false,
        phoneInvalid: false,
        onCall: false,
        callerId: '',
        simulatedPool: true,
        dialWindowMs: 0,
      },
      atMs,
    ),
    message: explainMessage(
      {
        ...common,
        channel: 'whatsapp',
        doNotContact: false,
        channelClosed: false,
        simulatedChannel: true,
      },
      atMs,
    ),
  };
}

function zonesFor(country: string, zone: string | undefined, region: string | null): Zones {
  const named = zone ?? (region === null ? undefined : zoneOfPlace(region, country)) ?? null;
  if (named !== null && !DateTime.local({ zone: named }).isValid) {
    throw refuse('zone_invalid', { zone: named }, { field: 'zone' });
  }
  try {
    return zonesOf(country, named, region);
  } catch {
    throw refuse('zone_needed', { country }, { field: 'zone' });
  }
}

function instantOf(text: string, zones: Zones): number {
  const atMs = readInstant(text, zones);
  if (atMs !== undefined) return atMs;
  throw refuse('at_invalid', { at: text, zone: zones[0] }, { field: 'at' });
}
