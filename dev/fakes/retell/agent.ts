/**
 * What the fake's agent asks of us during a call, and what the person answers: the functions of
 * `POST …/webhooks/retell/{account}/functions`, in the order in which a conversation needs them. Pure: the next function
 * follows from the plan and from the answers so far, so that a restarted fake goes on where it stopped.
 */
import type { Line } from './types.ts';
import type { OutcomeName } from './outcomes.ts';
import type { FakeCall, Json, ToolCall } from './types.ts';
import { asJson } from './validate.ts';

export interface ToolRequest {
  readonly name: string;
  readonly args: Json;
}

/** What the person on the phone knows of themselves. */
export interface KnownPerson {
  readonly lastDigits: string;
}

/** A conversation that would ask more is one that goes in a circle. */
const mostFunctions = 8;

/** Somebody who is the person, and talks. */
const talkers: ReadonlySet<OutcomeName> = new Set([
  'promise',
  'bad_promise',
  'no_promise',
  'reschedule',
  'already_paid',
  'refuses',
  'transferred',
]);

/** Whether the agent has something to ask; what it is may depend on who is there. */
export function asksMore(call: FakeCall): boolean {
  return nextFunction(call, undefined) !== undefined;
}

export function nextFunction(call: FakeCall, person: KnownPerson | undefined): ToolRequest | undefined {
  const { outcome } = call.plan;
  const asked = call.toolCalls;
  if (asked.length >= mostFunctions || asked.some(({ finishedAtMs }) => finishedAtMs === undefined))
    return undefined;
  if (asked.length === 0) {
    if (outcome === 'wrong_person') return { name: 'confirm_identity', args: { is_holder: false } };
    if (!talkers.has(outcome)) return undefined;
    const digits = person === undefined ? {} : { last_digits: person.lastDigits };
    return { name: 'confirm_identity', args: { is_holder: true, ...digits } };
  }
  const last = asked.at(-1);
  if (last === undefined || codeOf(asked[0]) !== 'confirmed') return undefined;
  switch (outcome) {
    case 'promise':
      return nextInPromise(call, asked, last);
    case 'bad_promise':
      return asked.length > 1
        ? undefined
        : { name: 'accept_offer', args: { kind: 'full', date: call.plan.promiseDate ?? '' } };
    case 'reschedule':
      return nextInReschedule(asked, last);
    case 'already_paid':
      return once(asked, { name: 'report', args: { kind: 'already_paid' } });
    case 'refuses':
      return once(asked, { name: 'report', args: { kind: call.plan.refusal ?? 'refuses' } });
    default:
      return undefined;
  }
}

function once(asked: readonly ToolCall[], request: ToolRequest): ToolRequest | undefined {
  return asked.some(({ name }) => name === request.name) ? undefined : request;
}

function nextInPromise(call: FakeCall, asked: readonly ToolCall[], last: ToolCall): ToolRequest | undefined {
  const { wish = 'full', promiseDate: date = '' } = call.plan;
  const accepted = asked.filter(({ name }) => name === 'accept_offer');
  if (accepted.length === 0) {
    const offers = offersOf(last);
    if (wish === 'discount' && last.name === 'confirm_identity')
      return { name: 'get_offers', args: { step: 1 } };
    const discount = offers.find(({ kind }) => kind === 'discount');
    if (wish === 'discount' && discount !== undefined) {
      return { name: 'accept_offer', args: { kind: 'discount', amount: discount['total'], date } };
    }
    const plan = offers.find(({ kind }) => kind === 'instalments');
    if (wish === 'instalments' && plan !== undefined) {
      return { name: 'accept_offer', args: { kind: 'instalments', count: plan['min_count'], date } };
    }
    const total = Number(offers[0]?.['total'] ?? 0);
    if (wish === 'part' && total > 1) {
      return { name: 'accept_offer', args: { kind: 'part', amount: Math.ceil(total / 2), date } };
    }
    return { name: 'accept_offer', args: { kind: 'full', date } };
  }
  if (codeOf(last) === 'agreed') return { name: 'send_payment_link', args: {} };
  const counter = asJson(resultOf(last)?.['counter']);
  return last.name === 'accept_offer' && accepted.length === 1 && counter !== undefined
    ? { name: 'accept_offer', args: acceptCounter(counter) }
    : undefined;
}

function acceptCounter(counter: Json): Json {
  const parts = Array.isArray(counter['instalments']) ? counter['instalments'].map(asJson) : [];
  const [first] = parts;
  const date = first?.['due_date'] ?? '';
  if (parts.length > 1) {
    return {
      kind: 'instalments',
      parts: parts.map((part) => ({ date: part?.['due_date'], amount: part?.['amount'] })),
    };
  }
  const kind = counter['discount'] === '0' ? 'part' : 'discount';
  return { kind, amount: counter['total'], date };
}

/** Soon, so that a demonstration shows it; what is refused is asked for again at the time that was suggested. */
function nextInReschedule(asked: readonly ToolCall[], last: ToolCall): ToolRequest | undefined {
  if (asked.length === 1) return { name: 'reschedule', args: { text: 'en un minuto' } };
  const nearest = asJson(resultOf(last)?.['nearest']);
  const at = nearest?.['after'] ?? nearest?.['before'];
  if (asked.length > 2 || typeof at !== 'string') return undefined;
  return { name: 'reschedule', args: { day: at.slice(0, 10), time: at.slice(11, 16) } };
}

function offersOf(tool: ToolCall): readonly Json[] {
  const offers = resultOf(tool)?.['offers'];
  return Array.isArray(offers) ? offers.map(asJson).filter((offer) => offer !== undefined) : [];
}

function codeOf(tool: ToolCall | undefined): unknown {
  return tool === undefined ? undefined : resultOf(tool)?.['code'];
}

export function resultOf({ result }: ToolCall): Json | undefined {
  if (result === undefined) return undefined;
  try {
    return asJson(JSON.parse(result));
  } catch {
    return undefined;
  }
}

/** The words of the person before each function; the agent then says what it was answered, and nothing else. */
const words: Readonly<Record<string, string>> = {
  get_offers: '¿No me puede hacer una rebaja?',
  accept_offer: 'Eso sí lo puedo pagar.',
  reschedule: 'Estoy ocupada, llámeme después, por favor.',
  send_payment_link: 'Sí, mándeme el enlace.',
};
const reports: Readonly<Record<string, string>> = {
  already_paid: 'Eso ya lo pagué la semana pasada.',
  refuses: 'No voy a pagar.',
  do_not_call: 'No me llamen más.',
  dispute: 'Esa deuda no es mía.',
  hardship: 'Estoy sin trabajo y no puedo pagar.',
  legal: 'Hable con mi abogado.',
};

/** What was said around the functions. Empty: the agent has no functions. */
export function linesOf(toolCalls: readonly ToolCall[]): readonly Line[] {
  return toolCalls.flatMap((tool): readonly Line[] => {
    const say = resultOf(tool)?.['say'];
    const said = personSays(tool);
    return [
      { role: 'user', content: said },
      {
        role: 'agent',
        content: typeof say === 'string' ? say : 'Disculpe, en este momento no puedo confirmarlo.',
      },
    ];
  });
}

function personSays({ name, args }: ToolCall): string {
  if (name === 'confirm_identity') {
    if (args['is_holder'] === false) return 'No, está equivocado, aquí no vive.';
    const digits = args['last_digits'];
    return typeof digits === 'string' ? `Sí, con ella. Termina en ${digits}.` : 'Sí, con ella habla.';
  }
  if (name === 'report') return reports[String(args['kind'])] ?? 'Mire…';
  return words[name] ?? 'Sí.';
}

/** What the analysis captures of a conversation with functions. Undefined: there were none. */
export function capturedOf(call: FakeCall): Json | undefined {
  if (call.toolCalls.length === 0) return undefined;
  if (call.plan.outcome === 'wrong_person') return { resultado: 'persona_equivocada' };
  const agreed = call.toolCalls.find((tool) => codeOf(tool) === 'agreed');
  const agreement = agreed === undefined ? undefined : asJson(resultOf(agreed)?.['agreement']);
  if (agreement !== undefined) {
    const parts = agreement['instalments'];
    const first = Array.isArray(parts) ? asJson(parts[0]) : undefined;
    return {
      resultado: 'compromiso_pago',
      fecha_pago_cliente: asText(first?.['due_date']),
      monto_pago_cliente: asText(first?.['amount']),
    };
  }
  const reported = call.toolCalls.find(({ name }) => name === 'report')?.args['kind'];
  const results: Readonly<Record<string, string>> = {
    already_paid: 'ya_pago',
    refuses: 'rechaza',
    do_not_call: 'no_llamar',
    dispute: 'no_reconoce',
    hardship: 'no_puede_pagar',
    legal: 'abogado',
  };
  if (typeof reported === 'string') return { resultado: results[reported] ?? 'sin_compromiso' };
  const isMoved = call.toolCalls.some((tool) => codeOf(tool) === 'rescheduled');
  return { resultado: isMoved ? 'pide_llamar_despues' : 'sin_compromiso' };
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? value.toString() : '';
}
