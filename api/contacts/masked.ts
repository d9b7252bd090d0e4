import { mayDo } from '../../domain/accounts/rules/permissions.ts';
import { maskName, maskNationalId, maskPhone } from '../../domain/people/rules/masking.ts';
import type { ApiCaller } from '../deps.ts';
import type { ContactJson } from './present.ts';
import type { contactRowSchema } from './schemas.ts';
import type { z } from '@hono/zod-openapi';

type ContactRowJson = z.infer<typeof contactRowSchema>;
type HistoryEntry = ContactJson['history'][number];
type PaymentJson = Extract<HistoryEntry, { kind: 'payment' }>['payment'];
type CallJson = Extract<HistoryEntry, { kind: 'attempt' }>['call'];

/** What whoever asks may see of a contact. */
export interface Eyes {
  /** Names, national ids and phones. */
  readonly seesPeople: boolean;
  /** What was said in a call, and its recording. */
  readonly listens: boolean;
}

export function eyesOf({ holder }: Pick<ApiCaller, 'holder'>): Eyes {
  return { seesPeople: mayDo(holder, 'personal_data:read'), listens: mayDo(holder, 'calls:listen') };
}

/** A row of a list, for these eyes. */
export function rowFor({ seesPeople }: Eyes, row: ContactRowJson): ContactRowJson {
  if (seesPeople) return row;
  return { ...row, name: maskName(row.name), national_id: maskedId(row.national_id) };
}

/** A contact with its history, for these eyes. */
export function contactFor(eyes: Eyes, contact: ContactJson): ContactJson {
  const history = contact.history.map((entry) => entryFor(eyes, entry));
  if (eyes.seesPeople) return { ...contact, history };
  const { person } = contact;
  return {
    ...contact,
    person: { ...person, name: maskName(person.name), national_id: maskedId(person.national_id) },
    phones: contact.phones.map((phone) => ({ ...phone, number: maskPhone(phone.number) })),
    // A reference may be anything that a system wrote beside a debt, a national id too.
    debts: contact.debts.map((debt) => ({ ...debt, reference: null })),
    history,
  };
}

function entryFor({ seesPeople, listens }: Eyes, entry: HistoryEntry): HistoryEntry {
  switch (entry.kind) {
    case 'attempt': {
      return { ...entry, ...callFor({ seesPeople, listens }, entry) };
    }
    case 'message': {
      const { message } = entry;
      return seesPeople ? entry : { ...entry, message: { ...message, phone: maskPhone(message.phone) } };
    }
    // Details are free texts of operators, senders and providers.
    case 'audit':
    case 'attempt_event':
      return seesPeople ? entry : { ...entry, detail: {} };
    case 'payment':
      return seesPeople ? entry : { ...entry, payment: anonymous(entry.payment) };
    case 'refusal':
    case 'reschedule':
    case 'agreement':
      return entry;
  }
}

/** A call and the number it was placed to, for these eyes. */
export function callFor(
  { seesPeople, listens }: Eyes,
  { phone, call }: { readonly phone: string; readonly call: CallJson },
): { readonly phone: string; readonly call: CallJson } {
  return {
    phone: seesPeople ? phone : maskPhone(phone),
    call: listens && seesPeople ? call : unsaid(call),
  };
}

/** A call without a word of it. */
function unsaid(call: CallJson): CallJson {
  return {
    ...call,
    summary: null,
    captured: {},
    transcript: null,
    recording_url: null,
    recording_multi_channel_url: null,
    public_log_url: null,
  };
}

/** Numbers of payments come from other systems, and some of them are the payer's. */
function anonymous(payment: PaymentJson): PaymentJson {
  return { ...payment, external_id: '•••', reference: null };
}

function maskedId(id: string | null): string | null {
  return id === null ? null : maskNationalId(id);
}
