import {
  extraPhoneColumn,
  nameColumn,
  nationalIdColumn,
  partColumns,
  phoneColumn,
  placeColumns,
} from './columns.ts';
import { readConversation } from './outcome.ts';
import type { UseCase } from './types.ts';
import { joinedVariables } from './variables.ts';

/** The generic file: a name, a phone and columns of the operator's own (var1, var2, …) that the script speaks. */
export const notification: UseCase = {
  key: 'notification',
  title: { es: 'Notificación', en: 'Notification' },
  columns: [nameColumn, phoneColumn, extraPhoneColumn, nationalIdColumn, ...partColumns, ...placeColumns],
  freeVariables: true,
  scripts: ['notification_v1'],
  scheduleMode: 'ladder',
  variables: (row) => ({ ...row.free, nombre: row.name, name: row.name }),
  mergeVariables: (rows) => joinedVariables(rows, ['nombre', 'name']),
  readOutcome: readConversation,
};
