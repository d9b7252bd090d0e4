import { hasOpenAgreement } from '../negotiation/queries.ts';
import type { Trx } from '../../db/client.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';
import type { Said } from '../contacts/rules/spoken.ts';
import { type FunctionAnswer, no, type CallSession, yes } from './call-session.ts';
import { textOf } from './in-call-money.ts';
import { suppressNumber } from '../people/removals.ts';
import { resolveWish } from '../contacts/reschedule-wish.ts';
import { mostCharacters } from '../contacts/rules/spoken-time/words.ts';
import { stopPerson } from '../people/stops.ts';

type Args = Readonly<Record<string, unknown>>;

/** Cut where the reader is sure to ask back: half a sentence may say the opposite of the whole one. */
const longestWish = mostCharacters + 1;

/**
 * reschedule {day?, time?, text?}: agreed on by the one rule of all sides. The answer is true with its transaction: the
 * signal that tells the contact is in it, so that no answer has to wait for a workflow.
 */
export async function reschedule(trx: Trx, session: CallSession, args: Args): Promise<FunctionAnswer> {
  const { locked, at } = session;
  const { account_id: accountId, contact_id: contactId, attempt_id: attemptId } = locked;
  const said = (name: string): string | undefined => textOf(args[name]).slice(0, longestWish) || undefined;
  const wish = { day: said('day'), time: said('time'), text: said('text') };
  const answer = await resolveWish(trx, {
    accountId,
    contactId,
    attemptId,
    source: 'call',
    requestedBy: 'person',
    wish,
    at,
  });
  const { requestId, say } = answer;
  if (!answer.ok) {
    const { before, after } = answer;
    return no(answer.rule, say, { nearest: { before, after } });
  }
  // A rehearsed contact has it from its own activity.
  if (!session.isRehearsed) {
    const payload = { slot: answer.slot, requestId };
    await writeOutbox(trx, [{ accountId, to: { contactId }, signal: 'rescheduleAgreed', payload }]);
  }
  return yes('rescheduled', say, { at: new Date(answer.slot.opensAtMs).toISOString() });
}

const reports = {
  already_paid: {
    es: 'Gracias por avisar. Vamos a verificar su pago y no le llamaremos mientras tanto.',
    en: 'Thank you. The payment will be looked for, and nobody calls until then.',
  },
  dispute: {
    es: 'Entiendo. Un ejecutivo revisará su caso y le contactará.',
    en: 'Understood. A person will look into it and be in touch.',
  },
  hardship: {
    es: 'Lamento la situación. Un ejecutivo revisará su caso y le contactará.',
    en: 'Sorry to hear that. A person will look into it and be in touch.',
  },
  legal: {
    es: 'Entiendo. Dejaremos de llamarle y un ejecutivo revisará su caso.',
    en: 'Understood. The calls stop, and a person will look into it.',
  },
  wrong_person: {
    es: 'Disculpe la molestia, tenía un dato equivocado. Que tenga buen día.',
    en: 'Sorry to have bothered you, the number was wrong. Good bye.',
  },
  refuses: { es: 'Entiendo. Gracias por su tiempo.', en: 'Understood. Thank you for your time.' },
  do_not_call: {
    es: 'Entendido, no le volveremos a llamar. Que tenga buen día.',
    en: 'Understood, you will not be called again. Good bye.',
  },
} as const satisfies Readonly<Record<string, Said>>;

type ReportKind = keyof typeof reports;

/**
 * report {kind, detail?}: what the person says of themselves. `do_not_call` and `legal` hold at once and for every batch
 * of the account; the rest is taken up when the call has ended. Nothing of it tells whoever is there of a debt.
 */
export async function report(trx: Trx, session: CallSession, args: Args): Promise<FunctionAnswer> {
  const kind = kindOf(args['kind']);
  if (kind === undefined) {
    return no('unknown_kind', {
      es: '¿Me lo puede repetir, por favor?',
      en: `kind is one of ${Object.keys(reports).join(', ')}.`,
    });
  }
  const { locked, evidence, at } = session;
  const { account_id: accountId, person_id: personId } = locked;
  if (evidence.identity === 'wrong_person') {
    // Whoever has this number wants no calls; the debtor has said nothing.
    if (kind === 'do_not_call') {
      await suppressNumber(trx, { accountId, e164: session.dialled, source: 'call', at });
    }
    return kind === 'do_not_call' || kind === 'wrong_person'
      ? yes('noted', reports[kind], { of: 'wrong_person' })
      : no('wrong_person', reports.wrong_person);
  }
  if (kind === 'do_not_call' || kind === 'legal') {
    const exceptContactId = locked.contact_id;
    await stopPerson(trx, { accountId, personId, reason: kind, source: 'call', exceptContactId, at });
  }
  return yes('noted', reports[kind]);
}

function kindOf(value: unknown): ReportKind | undefined {
  return typeof value === 'string' && isKind(value) ? value : undefined;
}

function isKind(kind: string): kind is ReportKind {
  return Object.hasOwn(reports, kind);
}

/** send_payment_link {}: the person asked for it, which the limits of messages take into account. */
export async function sendPaymentLink(trx: Trx, { locked }: CallSession): Promise<FunctionAnswer> {
  const isAgreed = await hasOpenAgreement(trx, locked.contact_id);
  if (!isAgreed) {
    return no('no_agreement', {
      es: 'Primero acordemos cuánto y cuándo, y le envío el enlace.',
      en: 'accept_offer comes first: the link is for what was agreed.',
    });
  }
  return yes('link_requested', {
    es: 'Le enviaremos el enlace de pago por WhatsApp a este número.',
    en: 'The payment link will be sent to this number by WhatsApp.',
  });
}
