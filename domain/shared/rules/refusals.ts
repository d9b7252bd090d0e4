import type { Bilingual } from './bilingual.ts';
import { accessRefusals } from './refusals/access.ts';
import { chargingRefusals } from './refusals/charging.ts';
import { operationRefusals } from './refusals/operations.ts';
import { paymentRefusals } from './refusals/payments.ts';
import { privacyRefusals } from './refusals/privacy.ts';
import { recordingRefusals } from './refusals/recordings.ts';
import type { Refusal } from './refusals/refusal.ts';
import { requestRefusals } from './refusals/requests.ts';

/**
 * Every refusal and problem by its code, in Spanish (Chile) and English: the one place where they are worded. A code is
 * part of the API (`urn:tandas:problem:<code>`) and never changes its meaning.
 */
export const refusals = {
  ...requestRefusals,
  ...accessRefusals,
  ...operationRefusals,
  ...paymentRefusals,
  ...chargingRefusals,
  ...privacyRefusals,
  ...recordingRefusals,
} as const;

export type RefusalCode = keyof typeof refusals;

/** What fills the `{name}`s of a refusal. */
export type RefusalValues = Readonly<Record<string, string | number>>;

/** A refusal's words with its values in them. A `{name}` without a value stays as it is: seen, not lost. */
export function phraseRefusal(code: RefusalCode, values: RefusalValues = {}): Bilingual {
  const { en, es }: Refusal = refusals[code];
  const fill = (text: string, worded: (name: string, value: string) => string): string =>
    text.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
      Object.hasOwn(values, name) ? worded(name, String(values[name])) : whole,
    );
  return { en: fill(en, (_, value) => value), es: fill(es, spanishValue) };
}

/** Values that are codes of ours, in Spanish: states of an import, and use cases as their registry titles them. */
export const spanishCodes: Readonly<Record<string, string>> = {
  waiting: 'en cola',
  reading: 'en lectura',
  stored: 'guardada',
  failed: 'fallida',
  cancelled: 'cancelada',
  paid: 'pagada',
  returned: 'devuelta',
  expired: 'vencida',
  debt_collection: 'Cobranza',
  user_experience: 'Experiencia de usuario',
  marketing: 'Marketing',
  notification: 'Notificación',
};

/** Only where a code stands: whatever somebody typed is shown as they did. */
function spanishValue(name: string, value: string): string {
  const isCode = name === 'state' || name === 'useCase' || name === 'ofBatch';
  return isCode && Object.hasOwn(spanishCodes, value) ? (spanishCodes[value] ?? value) : value;
}

/** The names that a refusal's words are filled with. */
export function placeholdersOf(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name))].toSorted();
}
