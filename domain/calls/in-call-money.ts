import { checkLastDigits } from './rules/identity.ts';
import { judgeOffer, type Proposal } from '../negotiation/rules/judge.ts';
import { type Offer, type OfferContext, offersAt } from '../negotiation/rules/offers.ts';
import { totalsOf } from '../negotiation/rules/stage.ts';
import type { AgreementTerms, Stage } from '../negotiation/rules/types.ts';
import { sayOffer, sayRefused, sayTerms } from '../negotiation/rules/words.ts';
import { readUnits, type Said, sayAmount, sayDay, writeUnits } from '../contacts/rules/spoken.ts';
import { debtorNotice } from '../policy/rules/disclosures.ts';
import type { Trx } from '../../db/client.ts';
import { makeAgreement } from '../negotiation/agreements.ts';
import { type FunctionAnswer, no, type CallSession, yes } from './call-session.ts';

type Args = Readonly<Record<string, unknown>>;

/** Whoever guesses so often is not the person. */
const mostMismatches = 3;

/**
 * confirm_identity {is_holder?: boolean, last_digits?: text}. A person with a national id says its last digits (at least
 * four); one without says that they are who was asked for. Only then is anything told of a debt.
 */
export function confirmIdentity(session: CallSession, args: Args): FunctionAnswer {
  const isHolder = args['is_holder'];
  const said = textOf(args['last_digits']);
  if (isHolder === false) {
    return yes('wrong_person', {
      es: 'Disculpe la molestia, tenía un dato equivocado. Que tenga buen día.',
      en: 'Sorry to have bothered you, the number was wrong. Good bye.',
    });
  }
  if (session.nationalId === null) {
    return isHolder === true ? confirmed(session) : no('holder_missing', askWho);
  }
  if (session.evidence.mismatches >= mostMismatches) {
    return no('identity_locked', {
      es: 'No pude confirmar sus datos, así que no puedo entregar más información. Gracias por su tiempo.',
      en: 'I could not confirm who you are, and can say no more. Thank you.',
    });
  }
  switch (checkLastDigits(session.nationalId, said)) {
    case 'match':
      return confirmed(session);
    case 'too_few':
      return no('digits_missing', {
        es: 'Para proteger sus datos, ¿me indica los últimos cuatro dígitos de su RUT?',
        en: 'To protect your data: what are the last four digits of your national id?',
      });
    case 'unclear':
      return no('digits_unclear', {
        es: 'No le entendí bien. ¿Me dice los últimos cuatro dígitos de su RUT, uno por uno?',
        en: 'I did not get that. What are the last four digits of your national id, one by one?',
      });
    case 'mismatch':
      return no('identity_mismatch', {
        es: 'Esos dígitos no coinciden. ¿Me los repite, por favor?',
        en: 'Those digits do not match. Could you repeat them?',
      });
  }
}

const askWho: Said = {
  es: '¿Hablo con la persona titular?',
  en: 'Am I speaking with the person in question?',
};

function confirmed(session: CallSession): FunctionAnswer {
  const { debts, today, negotiating } = session;
  const thanks = 'Gracias por confirmar.';
  if (debts.length === 0 || negotiating === undefined) {
    const nothing = { es: `${thanks} No registra deuda pendiente.`, en: 'Thank you. Nothing is owed.' };
    return yes('confirmed', nothing, { debts: [], offers: [] });
  }
  const owed = [...totalsOf(debts)].map(([currency, micros]) => sayAmount(micros, currency));
  const creditors = [...new Set(debts.map(({ creditor }) => creditor))];
  const [oldest] = debts.flatMap(({ dueDate }) => (dueDate === null ? [] : [dueDate])).sort();
  const due = oldest === undefined ? undefined : sayDay(oldest);
  const offers = offersOf(session, 0);
  const words = offers.map((offer) => sayOffer(offer, today));
  const notice = noticeOf(session, creditors);
  return yes(
    'confirmed',
    {
      es: `${thanks} Le llamo por encargo de ${list(creditors, 'y')}.${notice.es} Tiene un saldo pendiente de ${list(
        owed.map(({ es }) => es),
        'y',
      )}${due === undefined ? '' : `, vencido el ${due.es}`}. Puede ${list(
        words.map(({ es }) => es),
        'o',
      )}.`,
      en: `Thank you. I call on behalf of ${list(creditors, 'and')}.${notice.en} You owe ${list(
        owed.map(({ en }) => en),
        'and',
      )}${due === undefined ? '' : `, due on ${due.en}`}. You can ${list(
        words.map(({ en }) => en),
        'or',
      )}.`,
    },
    {
      stage: negotiating.stage.key,
      debts: debts.map((debt) => ({
        creditor: debt.creditor,
        amount: writeUnits(debt.balanceMicros),
        currency: debt.currency,
        due_date: debt.dueDate,
        reference: debt.reference,
      })),
      offers: offers.map((offer) => presentOffer(offer)),
    },
  );
}

/** What the law has the debtor told first in each call. */
function noticeOf({ debts, disclosures }: CallSession, creditors: readonly string[]): Said {
  const references = [...new Set(debts.flatMap(({ reference }) => reference ?? []))];
  const said = (and: 'y' | 'and') =>
    debtorNotice({ disclosures }, { creditor: list(creditors, and), reference: list(references, and) });
  const [es, en] = [said('y').es, said('and').en];
  return { es: es === '' ? '' : ` ${es}`, en: en === '' ? '' : ` ${en}` };
}

/** get_offers {step?: number}: the next step of the discount ladder, each only after the one before it. Default: 1. */
export function getOffers(session: CallSession, args: Args): FunctionAnswer {
  const step = args['step'] === undefined ? 1 : Number(args['step']);
  const { negotiating, evidence, today } = session;
  const nothing = { es: 'No tengo otra alternativa que ofrecer.', en: 'There is nothing else to offer.' };
  if (negotiating === undefined || session.debts.length === 0) return no('nothing_owed', nothing);
  const last = negotiating.stage.offers.discountLadder.length;
  if (!Number.isInteger(step) || step < 0 || step > last) return no('no_more_offers', nothing);
  if (step > evidence.offeredSteps + 1) {
    return no('not_yet', {
      es: 'Primero veamos lo que ya le ofrecí.',
      en: `Step ${evidence.offeredSteps + 1} comes first.`,
    });
  }
  const offers = offersOf(session, step);
  if (offers.length === 0) return no('mixed_currencies', sayRefused('mixed_currencies', null, today));
  const words = offers.map((offer) => sayOffer(offer, today));
  return yes(
    'offers',
    {
      es: `Puede ${list(
        words.map(({ es }) => es),
        'o',
      )}.`,
      en: `You can ${list(
        words.map(({ en }) => en),
        'or',
      )}.`,
    },
    { step, next_step: step < last ? step + 1 : null, offers: offers.map((offer) => presentOffer(offer)) },
  );
}

/**
 * accept_offer {kind, amount?, date, count?, parts?, currency?}: judged by the stage, whatever the agent says, and
 * recorded in place of what was agreed on before. `date` is 'YYYY-MM-DD', amounts are whole units or decimals.
 */
export async function acceptOffer(trx: Trx, session: CallSession, args: Args): Promise<FunctionAnswer> {
  const { locked, negotiating, today, at } = session;
  if (negotiating === undefined) return no('nothing_owed', sayRefused('nothing_owed', null, today));
  const read = readProposal(args);
  if (typeof read === 'string') {
    return no('not_understood', {
      es: 'No le entendí bien. ¿Cuánto y qué día puede pagar?',
      en: `The arguments are not an offer: ${read}.`,
    });
  }
  const context = contextOf(session, read.currency, session.evidence.offeredSteps);
  if (context === undefined) {
    const code = session.debts.length === 0 ? 'nothing_owed' : 'mixed_currencies';
    return no(code, sayRefused(code, null, today));
  }
  const judged = judgeOffer(negotiating.stage, context, read);
  if (!judged.ok) {
    const { code, counter } = judged;
    return no(code, sayRefused(code, counter, today), {
      counter: counter === null ? null : presentTerms(counter),
    });
  }
  const { agreementId } = await makeAgreement(trx, {
    accountId: locked.account_id,
    batchId: locked.batch_id,
    contactId: locked.contact_id,
    personId: locked.person_id,
    attemptId: locked.attempt_id,
    terms: judged.terms,
    source: 'call',
    madeAt: at,
    zone: locked.zone,
    graceDays: negotiating.stage.graceDays,
  });
  const said = sayTerms(judged.terms, today);
  return yes(
    'agreed',
    { es: `Queda registrado su compromiso de ${said.es}.`, en: `Recorded: you agreed ${said.en}.` },
    { agreement_id: agreementId, agreement: presentTerms(judged.terms) },
  );
}

const kinds = ['full', 'part', 'discount', 'instalments'] as const;

/** A proposal, or what is wrong with the arguments. */
function readProposal(args: Args): Proposal | string {
  const kind = kinds.find((known) => known === args['kind']);
  if (kind === undefined) return `kind is one of ${kinds.join(', ')}`;
  const amount = readUnits(args['amount']);
  if (amount === 'unclear') return 'amount is no amount';
  const { parts } = args;
  const instalments = parts === undefined || parts === null ? null : readParts(parts);
  if (instalments === 'unclear') return 'parts are not {date, amount} each';
  return {
    kind,
    amountMicros: amount,
    date: textOf(args['date']) || null,
    currency: textOf(args['currency']).toUpperCase() || null,
    count: args['count'] === undefined || args['count'] === null ? null : Number(args['count']),
    parts: instalments,
  };
}

function readParts(parts: unknown): AgreementTerms['instalments'] | 'unclear' {
  if (!Array.isArray(parts)) return 'unclear';
  const read: { dueDate: string; amountMicros: bigint }[] = [];
  for (const part of parts) {
    const { date, amount } = Object.fromEntries(Object.entries(Object(part)));
    const micros = readUnits(amount);
    if (micros === 'unclear' || micros === null) return 'unclear';
    read.push({ dueDate: textOf(date), amountMicros: micros });
  }
  return read;
}

/** One currency at a time: what is owed in the others is not touched. Undefined: nobody knows which is meant. */
function contextOf(
  session: CallSession,
  currency: string | null,
  offeredSteps: number,
): OfferContext | undefined {
  const totals = totalsOf(session.debts);
  const meant = currency !== null && totals.has(currency) ? currency : undefined;
  const [first, second] = [...totals.keys()];
  const chosen = meant ?? (second === undefined ? first : undefined);
  if (chosen === undefined) return undefined;
  return { owedMicros: totals.get(chosen) ?? 0n, currency: chosen, today: session.today, offeredSteps };
}

function offersOf(session: CallSession, step: number): readonly Offer[] {
  const context = contextOf(session, null, step);
  const stage: Stage | undefined = session.negotiating?.stage;
  return context === undefined || stage === undefined ? [] : offersAt(stage, context);
}

function presentOffer(offer: Offer): Readonly<Record<string, unknown>> {
  const { kind, terms } = offer;
  return {
    kind,
    ...presentTerms(terms),
    ...(kind === 'discount' ? { percent: offer.percent } : {}),
    ...(kind === 'instalments' ? { min_count: offer.minCount, max_count: offer.maxCount } : {}),
    ...(kind === 'part' ? { least: writeUnits(offer.leastMicros) } : {}),
  };
}

function presentTerms(terms: AgreementTerms): Readonly<Record<string, unknown>> {
  return {
    total: writeUnits(terms.totalMicros),
    discount: writeUnits(terms.discountMicros),
    currency: terms.currency,
    instalments: terms.instalments.map(({ dueDate, amountMicros }) => ({
      due_date: dueDate,
      amount: writeUnits(amountMicros),
    })),
  };
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
}

function list(items: readonly string[], last: string): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1) ?? ''}`;
}
