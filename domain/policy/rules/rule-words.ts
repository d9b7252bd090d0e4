import { blockedInWords, closedEs, stopInWords } from './gate.ts';
import { afterCalls, bothWays } from './one-channel.ts';
import type { RefusalReason } from './refusal.ts';

/** Why nobody was called or written to, in a few words for tables. */
export const reasonLabels: Readonly<Record<RefusalReason, string>> = {
  batch_not_running: 'el lote no está en curso',
  contact_closed: 'el contacto ya estaba cerrado',
  line_lost: 'la línea se perdió antes de marcar',
  do_not_call: 'pidió no ser contactada',
  blocked: 'pidió bloquear sus datos',
  debt_settled: 'todo está pagado',
  agreed_call_lapsed: 'pasó la hora de la llamada acordada',
  stopped: 'la gestión con la persona terminó',
  phone_invalid: 'el número no existe',
  channel_closed: 'la persona dejó el canal',
  simulated_only: 'solo con un proveedor simulado',
  caller_id: 'número de origen no permitido',
  outside_window: 'fuera del horario permitido',
  daily_limit: 'máximo diario',
  weekly_limit: 'máximo semanal',
  rolling_limit: 'máximo de varios días',
  gap: 'muy poco después del contacto anterior',
  cool_down: 'plazo sin llamadas',
  other_channel: 'ya fue contactada por otro canal',
  person_on_call: 'ya está en una llamada',
  no_line: 'sin línea libre',
  no_credit: 'sin saldo',
  no_budget: 'presupuesto del lote agotado',
  batch_paused: 'el lote estaba en pausa',
  worker_late: 'se atendió demasiado tarde',
  worker_died: 'una falla interrumpió el turno',
};

/** Of messages alone. */
const messageReasons: Readonly<Record<string, string>> = {
  agreement_not_open: 'el acuerdo ya no está vigente',
  no_tariff: 'la cuenta no tiene precio para mensajes',
};

/** A word of the database that is no reason of ours is shown as it is. */
export function reasonInWords(reason: string): string {
  const words: Readonly<Record<string, string>> = { ...reasonLabels, ...messageReasons };
  return Object.hasOwn(words, reason) ? (words[reason] ?? reason) : reason;
}

/** Sentences that rows keep in English, as the transaction wrote them, and what an operator or an authority reads. */
const sentences: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...Object.values(stopInWords), blockedInWords, afterCalls, bothWays]),
  ...closedEs,
  'one call at a time to one person': 'una llamada a la vez a una persona',
  'the number does not exist': 'el número no existe',
  'only with a provider that rings nobody': 'solo con un proveedor simulado',
  'only with a provider that reaches nobody': 'solo con un canal simulado',
  'the line was given back or has expired': 'la línea se había devuelto o había vencido',
  'the contact is closed': 'el contacto ya estaba cerrado',
  'the batch is paused': 'el lote está en pausa',
  'the batch was paused': 'el lote estaba en pausa',
  'the batch is cancelled': 'el lote está cancelado',
  'the batch is finished': 'el lote terminó',
  'everything has been paid': 'todo está pagado',
  'the dial stopped before its attempt was recorded':
    'la llamada se interrumpió antes de registrarse y no se hizo',
  'the agreed time passed while the contact was paused':
    'la hora acordada pasó mientras el contacto estaba en pausa',
  'the slot ended before a line was free': 'la tanda terminó sin que quedara una línea libre',
  'the balance did not cover one message': 'el saldo no alcanzaba para un mensaje',
  'the account has no price for messages': 'la cuenta no tiene precio para mensajes',
  'the person has no valid number': 'la persona no tiene un número válido',
  'everything that was agreed has been paid': 'todo lo acordado está pagado',
  'what is left of the budget of the batch did not cover one message':
    'lo que queda del presupuesto del lote no alcanzaba para un mensaje',
  'what is left of the budget of the batch did not cover the worst case of one call':
    'lo que queda del presupuesto del lote no alcanzaba para una llamada larga',
  'the balance did not cover the worst case of one call': 'el saldo no alcanzaba para una llamada larga',
  'the workflow was lost, and begins anew': 'la gestión se interrumpió y empezó de nuevo',
  'the step that asked for it was lost, and the next one decided otherwise':
    'el paso que lo pidió se perdió, y el siguiente decidió otra cosa',
};

const subjects: Readonly<Record<string, string>> = {
  calls: 'llamadas',
  messages: 'mensajes',
  contacts: 'contactos',
};
const counted: Readonly<Record<string, string>> = {
  ' that rang': ' que sonaron',
  ' that a human answered': ' que alguien contestó',
};
const scopes: Readonly<Record<string, string>> = { person: 'a una persona', phone: 'a un teléfono' };

interface Form {
  readonly pattern: RegExp;
  readonly es: (found: readonly string[]) => string;
}

/** Rules with a number of their pack in them. */
const forms: readonly Form[] = [
  {
    pattern:
      /^(\d+)(?: (calls|messages|contacts)( that rang| that a human answered)?)? (a day|a week|in \d+ days) to one (person|phone)$/,
    es: ([, max = '', subject, how = '', period = '', scope = '']) => {
      const what = subject === undefined ? '' : ` ${subjects[subject] ?? ''}${counted[how] ?? ''}`;
      return `máximo ${max}${what} ${periodInWords(period)} ${scopes[scope] ?? ''}`;
    },
  },
  {
    pattern: /^([\d.]+) h between two (calls|messages|contacts)$/,
    es: ([, hours = '', subject = '']) => `${hours} h entre ${subjects[subject] ?? ''}`,
  },
  {
    pattern: /^(\d+) days of silence after a human answered$/,
    es: ([, days = '']) => `${days} días de silencio después de que alguien contestó`,
  },
  {
    pattern: /^caller id must start with (.+)$/,
    es: ([, prefixes = '']) => `el número de origen debe comenzar con ${prefixes.replaceAll(' or ', ' o ')}`,
  },
  { pattern: /^the person left (\w+)$/, es: ([, channel = '']) => `la persona dejó ${channel}` },
  { pattern: /^the agreement is [\w ]+$/, es: () => 'el acuerdo ya no está vigente' },
  { pattern: /^the person is out of it: (\w+)$/, es: () => 'la gestión con la persona terminó' },
];

function periodInWords(period: string): string {
  if (period === 'a day') return 'al día';
  if (period === 'a week') return 'por semana';
  return `en ${/\d+/.exec(period)?.[0] ?? ''} días`;
}

/** A rule as a row keeps it, 'cl-collection-waves@3: 3 a day to one person', in Spanish and without its pack. */
export function ruleInSpanish(stored: string): string {
  const rule = stored.replace(/^[a-z0-9-]+@\d+: /, '');
  if (Object.hasOwn(sentences, rule)) return sentences[rule] ?? rule;
  for (const { pattern, es } of forms) {
    const found = pattern.exec(rule);
    if (found !== null) return es(found);
  }
  return rule;
}
