import type { Bilingual } from './bilingual.ts';

/** What a field of a request may be, by code, in Spanish (Chile) and English. `{name}`s are filled by whoever says it. */
export const fieldWords = {
  missing: { en: 'It is missing: {what}.', es: 'Falta: {what}.' },
  wrong: { en: 'It must be {what}.', es: 'Debe ser {what}.' },
  unknown_field: { en: 'There is no such field.', es: 'No existe este campo.' },
  unknown_parameter: {
    en: 'There is no such parameter. There are: {known}.',
    es: 'No existe este parámetro. Los que hay: {known}.',
  },
  no_parameters: {
    en: 'There is no such parameter: this route has none.',
    es: 'No existe este parámetro: esta ruta no tiene ninguno.',
  },

  // What a value is
  text: { en: 'a text', es: 'un texto' },
  number: { en: 'a number', es: 'un número' },
  whole_number: { en: 'a whole number', es: 'un número entero' },
  yes_or_no: { en: 'true or false', es: 'true o false' },
  list: { en: 'a list', es: 'una lista' },
  object: { en: 'an object', es: 'un objeto' },
  one_of: { en: 'one of {values}', es: 'uno de {values}' },
  id: { en: 'an id (UUID)', es: 'un identificador (UUID)' },
  instant: {
    en: 'an instant in ISO 8601 with its offset, such as 2026-11-23T12:00:00Z',
    es: 'un instante en ISO 8601 con su zona, como 2026-11-23T12:00:00Z',
  },
  day: { en: 'a day that exists, such as 2027-03-08', es: 'un día que existe, como 2027-03-08' },
  other_form: {
    en: 'what the documentation at /docs says of it',
    es: 'lo que la documentación en /docs dice de él',
  },

  // How long, how much
  not_empty: { en: 'a text that is not empty', es: 'un texto que no esté vacío' },
  at_least_characters: {
    en: 'a text of at least {count} characters',
    es: 'un texto de al menos {count} caracteres',
  },
  at_most_characters: {
    en: 'a text of at most {count} characters',
    es: 'un texto de a lo más {count} caracteres',
  },
  at_least_items: { en: 'a list of at least {count}', es: 'una lista de al menos {count}' },
  at_most_items: { en: 'a list of at most {count}', es: 'una lista de a lo más {count}' },
  at_least: { en: 'at least {count}', es: 'al menos {count}' },
  at_most: { en: 'at most {count}', es: 'a lo más {count}' },
  more_than: { en: 'more than {count}', es: 'más que {count}' },
  less_than: { en: 'less than {count}', es: 'menos que {count}' },
  multiple_of: { en: 'a multiple of {count}', es: 'un múltiplo de {count}' },

  // Forms of a text
  no_control_characters: {
    en: 'a text without control characters',
    es: 'un texto sin caracteres de control',
  },
  visible_ascii: {
    en: 'visible ASCII characters without spaces',
    es: 'caracteres ASCII visibles, sin espacios',
  },
  six_digits: {
    en: 'six digits, as the authenticator shows them',
    es: 'seis dígitos, como los muestra la aplicación',
  },
  amount: { en: 'a decimal in a text, such as "104050"', es: 'un decimal en un texto, como "104050"' },
  currency: { en: 'an ISO 4217 code such as CLP', es: 'un código ISO 4217, como CLP' },
  country: { en: 'an ISO 3166 code such as CL', es: 'un código ISO 3166, como CL' },
  name: {
    en: 'lower-case letters, digits, "-" or "_", with a letter first',
    es: 'letras minúsculas, dígitos, "-" o "_", comenzando por una letra',
  },
  key: { en: 'lower-case letters, digits and dashes', es: 'letras minúsculas, dígitos y guiones' },
  seed: { en: '1 to 40 letters, digits, "-" or "_"', es: '1 a 40 letras, dígitos, "-" o "_"' },
  account_or_slug: { en: "an account's id or slug", es: 'el identificador o el nombre corto de una cuenta' },
  instant_or_local: {
    en: 'ISO 8601: with an offset, or YYYY-MM-DDTHH:mm on the person’s own clock',
    es: 'ISO 8601: con zona, o YYYY-MM-DDTHH:mm en la hora de la persona',
  },

  // One field or another
  when_missing: {
    en: 'Say when: `at`, or `day` and `time`, or `text`.',
    es: 'Indique cuándo: `at`, o `day` y `time`, o `text`.',
  },
  contact_missing: {
    en: '`contact_id` or `national_id` is needed.',
    es: 'Se necesita `contact_id` o `national_id`.',
  },
  address_missing: {
    en: '`national_id` or `phone` is needed.',
    es: 'Se necesita `national_id` o `phone`.',
  },
} as const satisfies Readonly<Record<string, Bilingual>>;

export type FieldCode = keyof typeof fieldWords;

export function isFieldCode(text: string): text is FieldCode {
  return Object.hasOwn(fieldWords, text);
}

/** A code's words with its values in them; a value may be words itself. */
export function phraseField(
  code: FieldCode,
  values: Readonly<Record<string, string | number | Bilingual>> = {},
): Bilingual {
  const fill = (language: keyof Bilingual): string =>
    fieldWords[code][language].replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      return typeof value === 'object' ? value[language] : String(value);
    });
  return { en: fill('en'), es: fill('es') };
}
