import { isId } from '../shared/rules/ids.ts';
import { DateTime } from 'luxon';
import { outcomeInWords } from '../contacts/rules/labels.ts';
import { reasonInWords, ruleInSpanish } from '../policy/rules/rule-words.ts';
import { ownAccount } from '../shared/queries-account.ts';
import type { Trx } from '../../db/client.ts';
import {
  findRegisterPerson,
  readRegister,
  type RegisterPerson,
  type RegisterRow,
} from './queries-register.ts';
import { normaliseNationalId } from './rules/national-id.ts';
import { csvLine } from '../shared/rules/csv.ts';
import { dayInWords } from '../shared/rules/written.ts';
import type { Bilingual } from '../shared/rules/bilingual.ts';
import { type Fault, faultOfRejection, faultWords, isFault } from '../shared/rules/channel-faults.ts';
import { refuse } from '../shared/refused.ts';

/** The register of contacts with one person that an authority may ask for: who, when, how, result, rule. */
export interface Register {
  readonly person: RegisterPerson;
  /** The account's: what the local times are in. */
  readonly zone: string;
  readonly rows: readonly RegisterRow[];
}

/** `who`: the person's id, or a national id in any spelling. Throws `OperationRefused` when the account has no such person. */
export async function readPersonRegister(trx: Trx, who: string): Promise<Register> {
  const { country, zone } = await ownAccount(trx);
  const canonical = normaliseNationalId(who, country);
  const person = isId(who)
    ? await findRegisterPerson(trx, { id: who })
    : await findRegisterPerson(trx, { nationalId: canonical.ok ? canonical.value : who });
  if (person === undefined) throw refuse('person_not_found');
  return { person, zone, rows: await readRegister(trx, person.id) };
}

export interface RegisterLine {
  readonly at: string;
  readonly local: string;
  readonly kind: RegisterRow['kind'];
  readonly channel: string;
  readonly number: string | null;
  readonly result: string;
  /** The same in Spanish; a call's from the outcome, else from how the line ended. */
  readonly result_es: string;
  readonly human: boolean | null;
  readonly duration_seconds: number | null;
  readonly rule: string | null;
  readonly rule_es: string | null;
  /** Why the channel did not carry it. */
  readonly failure: (Bilingual & { readonly code: Fault }) | null;
  readonly pack: string | null;
  readonly batch: string | null;
  readonly requested: boolean;
  readonly contact_id: string | null;
  readonly reference: string;
}

export function registerLine(row: RegisterRow, zone: string): RegisterLine {
  return {
    at: row.at.toISOString(),
    local: DateTime.fromJSDate(row.at, { zone }).toFormat('yyyy-MM-dd HH:mm:ss'),
    kind: row.kind,
    channel: row.channel,
    number: row.number,
    result: row.reason ?? row.outcome ?? row.disconnection_reason ?? row.state ?? '',
    result_es: resultInWords(row),
    human: row.human,
    duration_seconds: row.duration_ms === null ? null : Math.round(row.duration_ms / 1_000),
    rule: row.rule ?? waivedInWords(row.waived),
    rule_es: ruleOf(row),
    failure: failureOf(row),
    pack: row.pack,
    batch: row.batch,
    requested: row.requested,
    contact_id: row.contact_id,
    reference: row.reference,
  };
}

/** Of what the channel says of itself, and of what became of a message or a request. */
const resultWords: Readonly<Record<string, string>> = {
  sent: 'enviado',
  not_sent: 'no enviado',
  blocked: 'bloqueo de datos',
  block_lifted: 'fin del bloqueo de datos',
  placing: 'se estaba marcando',
  placed: 'en curso',
  unknown: 'resultado incierto',
  rejected: 'el proveedor no aceptó la llamada',
  absent: 'no llegó a realizarse',
  ended: 'terminada',
};

function resultInWords(row: RegisterRow): string {
  if (row.kind === 'refusal' && row.reason !== null) return reasonInWords(row.reason);
  if (row.outcome !== null) return outcomeInWords(row.outcome);
  // How the provider says that a line ended is a code of its own: what the call's row says is worded.
  const code = row.reason ?? row.state ?? '';
  return Object.hasOwn(resultWords, code) ? (resultWords[code] ?? code) : code;
}

/** What a person gives as a reason for their request is theirs, word for word. */
function ruleOf({ kind, rule, waived }: RegisterRow): string | null {
  if (rule !== null) return kind === 'refusal' ? ruleInSpanish(rule) : rule;
  return waivedInWords(waived.map(ruleInSpanish));
}

const channelWords: Readonly<Record<string, string>> = {
  phone: 'teléfono',
  whatsapp: 'WhatsApp',
  sms: 'SMS',
  email: 'correo electrónico',
};

function channelInWords(channel: string): string {
  return Object.hasOwn(channelWords, channel) ? (channelWords[channel] ?? channel) : channel;
}

function failureOf({ kind, state, failure }: RegisterRow): RegisterLine['failure'] {
  const code = kind === 'call' ? faultOfRejection(failure) : failure;
  // A message that arrived after all has failed nowhere.
  if (!isFault(code) || state === 'sent') return null;
  return { code, ...faultWords[code] };
}

/** A contact that a rule forbids and the person's own wish allows says so where a refused one names its rule. */
function waivedInWords(waived: readonly string[]): string | null {
  return waived.length === 0 ? null : `no aplica, lo pidió la persona: ${waived.join('; ')}`;
}

const csvHeader = [
  'rut',
  'nombre',
  'fecha_hora',
  'fecha_hora_utc',
  'tipo',
  'canal',
  'numero',
  'resultado',
  'contesto_persona',
  'segundos',
  'regla',
  'paquete',
  'lote',
  'pedido_por_la_persona',
  'contacto',
  'referencia',
  // Last: whoever reads the columns before it by their place goes on.
  'falla_del_canal',
] as const;

const kinds = {
  call: 'llamada',
  refusal: 'contacto no realizado',
  message: 'mensaje',
  request: 'solicitud',
} as const;

/** The register as CSV (RFC 4180, UTF-8 with a mark, so that Excel reads accents). */
export function registerCsv({ person, zone, rows }: Register): string {
  const lines = rows.map((row) => {
    const line = registerLine(row, zone);
    return [
      person.national_id ?? '',
      person.name,
      `${dayInWords(line.local)} ${line.local.slice(11)}`,
      line.at,
      kinds[line.kind],
      channelInWords(line.channel),
      line.number ?? '',
      line.result_es,
      line.human === null ? '' : line.human ? 'sí' : 'no',
      line.duration_seconds === null ? '' : String(line.duration_seconds),
      line.rule_es ?? '',
      line.pack ?? '',
      line.batch ?? '',
      line.requested ? 'sí' : 'no',
      line.contact_id ?? '',
      line.reference,
      line.failure?.es ?? '',
    ];
  });
  return `\uFEFF${[csvHeader, ...lines].map(csvLine).join('')}`;
}
