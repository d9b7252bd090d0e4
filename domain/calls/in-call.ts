import { ownMode } from '../shared/queries-account.ts';
import { createHash } from 'node:crypto';
import { lockCall, type LockedCall } from './queries.ts';
import type { Trx } from '../../db/client.ts';
import { findFunctionCall, insertFunctionCall } from './queries-functions.ts';
import { lockPerson } from '../people/queries.ts';
import { acceptOffer, confirmIdentity, getOffers } from './in-call-money.ts';
import { report, reschedule, sendPaymentLink } from './in-call-requests.ts';
import { type FunctionAnswer, no, readSession, type CallSession } from './call-session.ts';

export interface FunctionRequest {
  readonly accountId: string;
  /** Both from the call's metadata, which only we write; never from the arguments. */
  readonly attemptId: string;
  readonly providerCallId: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /**
   * A rehearsal's own clock: its calls are answered by the same rules, and neither stop a person nor signal anybody. Only
   * for calls of a rehearsal, which the API never answers.
   */
  readonly rehearsalAt?: Date;
}

export type FunctionVerdict =
  | { readonly kind: 'answered'; readonly answer: FunctionAnswer; readonly repeated: boolean }
  /** No attempt of this account. */
  | { readonly kind: 'foreign' }
  /** The attempt's call is another one, or is over. Kept on record. */
  | {
      readonly kind: 'refused';
      readonly code: 'not_this_call' | 'call_over';
      readonly answer: FunctionAnswer;
    };

const functions = {
  confirm_identity: (_trx: Trx, session: CallSession, args: FunctionRequest['args']) =>
    confirmIdentity(session, args),
  get_offers: (_trx: Trx, session: CallSession, args: FunctionRequest['args']) => getOffers(session, args),
  accept_offer: acceptOffer,
  reschedule,
  report,
  send_payment_link: sendPaymentLink,
} as const;

type FunctionName = keyof typeof functions;

/** Those that tell of a debt, or act on it. */
const aboutMoney: ReadonlySet<FunctionName> = new Set(['get_offers', 'accept_offer', 'send_payment_link']);
/** What may still be asked by whoever is not the person: they may hand the phone over, or want no more calls. */
const forStrangers: ReadonlySet<FunctionName> = new Set(['confirm_identity', 'report']);

/**
 * Answers one function of a call that runs, in one transaction under the locks of call and person: a settlement, a
 * payment or a dial of the same person comes before or after it, never in between. Every answer is a row; the same
 * function with the same arguments has the same answer again, once it was done; a refusal is judged anew, since what it
 * lacked may have been said meanwhile. What it changes is told by signals of the same transaction.
 */
export async function answerFunction(trx: Trx, request: FunctionRequest): Promise<FunctionVerdict> {
  const locked = await lockCall(trx, request.attemptId);
  if (locked === undefined || locked.account_id !== request.accountId) return { kind: 'foreign' };
  // An instant of another clock, taken for one of a real call, would move what was agreed by months.
  if (request.rehearsalAt !== undefined && (await ownMode(trx)) === 'live') return { kind: 'foreign' };
  const code = whyNotThisCall(locked, request.providerCallId);
  if (code !== undefined) return refuse(trx, request, code);
  const known = await findFunctionCall(trx, { ...request, argsHash: hashOf(request.args) });
  if (known !== undefined) return { kind: 'answered', answer: parseAnswer(known.answer), repeated: true };
  await lockPerson(trx, locked.person_id);
  const answer = await dispatch(trx, await readSession(trx, locked, request.rehearsalAt), request);
  await keep(trx, request, answer, answer.ok ? null : answer.code);
  return { kind: 'answered', answer, repeated: false };
}

function whyNotThisCall(
  locked: LockedCall,
  providerCallId: string,
): 'not_this_call' | 'call_over' | undefined {
  // Null: the answer to our POST is still on its way, or was lost. The signed metadata names the attempt.
  if (locked.provider_call_id !== null && locked.provider_call_id !== providerCallId) return 'not_this_call';
  const isLive = locked.state === 'placing' || locked.state === 'placed' || locked.state === 'unknown';
  return isLive && locked.signalled_at === null ? undefined : 'call_over';
}

async function refuse(
  trx: Trx,
  request: FunctionRequest,
  code: 'not_this_call' | 'call_over',
): Promise<FunctionVerdict> {
  const answer = no(code, {
    es: 'En este momento no puedo hacerlo. Gracias por su tiempo.',
    en: 'This cannot be done now. Thank you.',
  });
  await keep(trx, request, answer, code);
  return { kind: 'refused', code, answer };
}

async function dispatch(
  trx: Trx,
  session: CallSession,
  { name, args }: FunctionRequest,
): Promise<FunctionAnswer> {
  const known = isFunction(name) ? name : undefined;
  if (known === undefined) {
    return no('unknown_function', {
      es: 'Eso no lo puedo hacer en esta llamada.',
      en: `There is no such function; there are ${Object.keys(functions).join(', ')}.`,
    });
  }
  const { identity } = session.evidence;
  if (identity === 'wrong_person' && !forStrangers.has(known)) {
    return no('wrong_person', { es: 'Disculpe la molestia. Que tenga buen día.', en: 'Sorry. Good bye.' });
  }
  const isFirst = session.negotiating?.negotiation.identityFirst ?? true;
  if (isFirst && identity !== 'confirmed' && aboutMoney.has(known)) {
    return no('identity_first', {
      es: 'Antes de continuar necesito confirmar con quién hablo. ¿Me indica los últimos cuatro dígitos de su RUT?',
      en: 'confirm_identity comes first: nothing of a debt is told before.',
    });
  }
  return functions[known](trx, session, args);
}

function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(functions, name);
}

async function keep(
  trx: Trx,
  request: FunctionRequest,
  answer: FunctionAnswer,
  refused: string | null,
): Promise<void> {
  const { accountId, attemptId, providerCallId, name, args } = request;
  // A refusal leaves the arguments free to be asked again; the same refusal of them is one row.
  const argsHash = refused === null ? hashOf(args) : `${hashOf(args)}:${refused}`;
  await insertFunctionCall(trx, {
    accountId,
    attemptId,
    providerCallId,
    name,
    argsHash,
    args,
    answer,
    refused,
  });
}

function parseAnswer(stored: Record<string, unknown>): FunctionAnswer {
  const { ok, code, say, say_en } = stored;
  if (
    typeof ok !== 'boolean' ||
    typeof code !== 'string' ||
    typeof say !== 'string' ||
    typeof say_en !== 'string'
  ) {
    throw new Error('a stored answer of an in-call function is not one');
  }
  return { ...stored, ok, code, say, say_en };
}

/** The same arguments in another order are the same. */
function hashOf(args: Readonly<Record<string, unknown>>): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(args)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, sorted(inner)]);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}
