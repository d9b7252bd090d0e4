import type { Explanation } from '../policy/rules/explain.ts';
import { packInWords } from '../policy/rules/rules-in-words.ts';
import { instantInEnglish, instantInWords } from '../shared/rules/written-instants.ts';
import type { Explained, OwnStory } from './explain.ts';

export interface Answer {
  readonly es: string;
  readonly en: string;
}

/** One sentence about a call or a message. */
export function answerInWords({ allowed, breaches, nextMs }: Explanation, zone: string): Answer {
  if (allowed) return { es: 'Sí.', en: 'Yes.' };
  const es = breaches.map((breach) => breach.es).join('; ');
  const en = breaches.map((breach) => breach.rule).join('; ');
  if (nextMs === null) return { es: `No: ${es}.`, en: `No: ${en}.` };
  return {
    es: `No: ${es}. Se puede desde el ${instantInWords(zone, nextMs)}.`,
    en: `No: ${en}. From: ${instantInEnglish(zone, nextMs)}.`,
  };
}

/** The rules allow a call, and yet nobody is called now: what the contact waits for goes first. */
function callInWords(call: Explanation, own: OwnStory | null, zone: string): Answer {
  const answer = answerInWords(call, zone);
  if (own === null || !own.isNow || !call.allowed || own.waiting.code === 'line') return answer;
  const { es, en } = own.waiting;
  return { es: `Las reglas lo permiten; espera ${es}.`, en: `The rules allow it; it waits for ${en}.` };
}

/** What `GET …/explain` and the command show. */
export function presentExplained({ atMs, zones, pack, call, message, own }: Explained) {
  const judged = (explanation: Explanation, { es, en } = answerInWords(explanation, zones[0])) => {
    const { nextMs } = explanation;
    return {
      allowed: explanation.allowed,
      answer_es: es,
      answer_en: en,
      rules: explanation.breaches.map((breach) => ({
        reason: breach.reason,
        rule_es: breach.es,
        rule_en: breach.rule,
        not_before: breach.notBeforeMs === null ? null : new Date(breach.notBeforeMs).toISOString(),
      })),
      next_allowed_at: nextMs === null ? null : new Date(nextMs).toISOString(),
      next_allowed_local: nextMs === null ? null : instantInWords(zones[0], nextMs),
    };
  };
  return {
    at: new Date(atMs).toISOString(),
    at_local: zones.map((zone) => ({ zone, local: instantInWords(zone, atMs) })),
    pack: { key: pack.key, version: pack.version, title: packInWords(pack).es },
    contact: own === null ? null : presentContact(own),
    waiting: own === null ? null : presentWaiting(own, zones[0]),
    call: judged(call, callInWords(call, own, zones[0])),
    message: judged(message),
  };
}

function presentContact({ contact }: OwnStory) {
  const { contactId, batchId, batch, position, name } = contact;
  return { id: contactId, batch_id: batchId, batch, position, name };
}

function presentWaiting({ waiting }: OwnStory, zone: string) {
  const { code, es, en, untilMs, batchPaused } = waiting;
  return {
    code,
    batch_paused: batchPaused,
    waits_es: es,
    waits_en: en,
    until: untilMs === null ? null : new Date(untilMs).toISOString(),
    until_local: untilMs === null ? null : instantInWords(zone, untilMs),
  };
}

/** The same for a terminal. */
export function explainedLines(explained: Explained): readonly string[] {
  const shown = presentExplained(explained);
  return [
    shown.pack.title,
    ...shown.at_local.map(({ zone, local }) => `${local}  ${zone}`),
    `Llamar:   ${shown.call.answer_es}`,
    `Escribir: ${shown.message.answer_es}`,
  ];
}
