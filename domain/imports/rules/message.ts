import type { Bilingual } from '../../shared/rules/bilingual.ts';

/** What an import says about a row. */
export interface Message {
  readonly text: Bilingual;
  /** What the operator can do about it. */
  readonly hint: Bilingual;
}

/** Text and hint in both languages. Placeholders: {name}. */
export function message(es: string, en: string, hintEs: string, hintEn: string): Message {
  return { text: { es, en }, hint: { es: hintEs, en: hintEn } };
}
