import type { z } from '@hono/zod-openapi';
import type { FieldError } from '../domain/shared/refused.ts';
import type { Bilingual } from '../domain/shared/rules/bilingual.ts';
import { storableText } from '../domain/shared/rules/storable.ts';
import { type FieldCode, isFieldCode, phraseField } from '../domain/shared/rules/field-words.ts';

type Issue = z.core.$ZodIssue;

/**
 * What is wrong with a request, field by field, in our words: the text of a library says nothing to whoever filled a form,
 * and changes with its version. `input` is what was checked, because an issue does not say whether a value is missing.
 */
export function fieldErrors(issues: readonly Issue[], input: unknown, place = ''): readonly FieldError[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => errorOf(place, [...path, key], phraseField('unknown_field')));
    }
    return [errorOf(place, path, phraseIssue(issue, valueAt(input, path)))];
  });
}

function errorOf(place: string, path: readonly string[], words: Bilingual): FieldError {
  // A name that somebody made up may hold what no log and no screen takes.
  return { field: `${place}${path.map(storableText).join('.')}`, message: words.en, message_es: words.es };
}

function phraseIssue(issue: Issue, value: unknown): Bilingual {
  // A rule about several fields says all of it.
  if (issue.code === 'custom') return phraseField(isFieldCode(issue.message) ? issue.message : 'other_form');
  const what = whatItMayBe(issue);
  return phraseField(value === undefined || value === null ? 'missing' : 'wrong', { what });
}

const types: Readonly<Record<string, FieldCode>> = {
  string: 'text',
  number: 'number',
  int: 'whole_number',
  bigint: 'whole_number',
  boolean: 'yes_or_no',
  array: 'list',
  tuple: 'list',
  object: 'object',
  record: 'object',
};

const formats: Readonly<Record<string, FieldCode>> = {
  uuid: 'id',
  guid: 'id',
  datetime: 'instant',
  date: 'day',
  safeint: 'whole_number',
};

function whatItMayBe(issue: Issue): Bilingual {
  switch (issue.code) {
    case 'invalid_type':
      return phraseField(types[issue.expected] ?? 'other_form');
    case 'invalid_value':
      return phraseField('one_of', { values: issue.values.map(String).join(', ') });
    case 'invalid_union':
      return unionWords(issue);
    case 'too_small':
      return phraseField(leastOf(issue), { count: String(issue.minimum) });
    case 'too_big':
      return phraseField(mostOf(issue), { count: String(issue.maximum) });
    case 'not_multiple_of':
      return phraseField('multiple_of', { count: String(issue.divisor) });
    case 'invalid_format':
      // A pattern's own message is a code of ours.
      return phraseField(
        isFieldCode(issue.message) ? issue.message : (formats[issue.format] ?? 'other_form'),
      );
    default:
      return phraseField('other_form');
  }
}

function unionWords(issue: Extract<Issue, { code: 'invalid_union' }>): Bilingual {
  const options: unknown = 'options' in issue ? issue.options : undefined;
  return Array.isArray(options) && options.length > 0
    ? phraseField('one_of', { values: options.map(String).join(', ') })
    : phraseField('other_form');
}

function leastOf({ origin, minimum, inclusive }: Extract<Issue, { code: 'too_small' }>): FieldCode {
  if (origin === 'string') return Number(minimum) === 1 ? 'not_empty' : 'at_least_characters';
  if (origin === 'array') return 'at_least_items';
  return inclusive === false ? 'more_than' : 'at_least';
}

function mostOf({ origin, inclusive }: Extract<Issue, { code: 'too_big' }>): FieldCode {
  if (origin === 'string') return 'at_most_characters';
  if (origin === 'array') return 'at_most_items';
  return inclusive === false ? 'less_than' : 'at_most';
}

function valueAt(input: unknown, path: readonly string[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  return value;
}
