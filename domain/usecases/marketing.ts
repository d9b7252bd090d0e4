import {
  emailColumn,
  extraPhoneColumn,
  nameColumn,
  nationalIdColumn,
  partColumns,
  phoneColumn,
  placeColumns,
} from './columns.ts';
import {
  type CallFacts,
  type CallReading,
  capturedResult,
  readConversation,
  readUnanswered,
} from './outcome.ts';
import type { Column, UseCase } from './types.ts';

/** Offers to people who may be called for them; `resultado` = `interesado` is the best end. */
export const marketing: UseCase = {
  key: 'marketing',
  title: { es: 'Marketing', en: 'Marketing' },
  columns: [
    nameColumn,
    phoneColumn,
    extraPhoneColumn,
    ...partColumns,
    { ...emailColumn, marker: 'weak' },
    {
      key: 'age',
      kind: 'integer',
      label: 'EDAD',
      aliases: ['edad', 'age'],
      required: false,
      marker: 'weak',
    },
    nationalIdColumn,
    ...placeColumns.map((column): Column => (column.key === 'city' ? { ...column, marker: 'weak' } : column)),
  ],
  freeVariables: true,
  scripts: ['marketing_offer_v1'],
  scheduleMode: 'ladder',
  variables: (row) => ({
    ...row.free,
    nombre: row.name,
    email: row.fields['email'] ?? '',
    edad: row.fields['age'] ?? '',
    ciudad: row.fields['city'] ?? '',
  }),
  mergeVariables: (rows) => ({ ...rows[0].variables }),
  readOutcome,
};

function readOutcome(facts: CallFacts): CallReading {
  const interested = capturedResult(facts.captured) === 'interesado';
  if (interested && readUnanswered(facts) === undefined) return { outcome: 'interested' };
  return readConversation(facts);
}
