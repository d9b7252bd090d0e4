import { databaseNow, type Trx } from '../../db/client.ts';
import { readPersonRegister, registerCsv, registerLine, type RegisterLine } from '../people/register.ts';
import type { Caller } from '../shared/caller.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { refuse } from '../shared/refused.ts';
import {
  type ExportedRow,
  exportIdentity,
  exportRows,
  type ExportSection,
  exportSections,
} from './queries-export.ts';

/** Rows of a section, at most. */
export const mostExported = 1_000;

export interface PersonExport {
  readonly exportedAt: Date;
  readonly person: ExportedRow;
  readonly sections: Readonly<Record<string, readonly ExportedRow[]>>;
  readonly register: readonly RegisterLine[];
  /** Sections that have more than what is given: the oldest are left out. */
  readonly cut: readonly string[];
}

/**
 * Everything that the account keeps of one person, for a request for access or portability. It is an audit row that
 * somebody took it. Throws `OperationRefused` when the account has no such person.
 */
export async function exportPerson(trx: Trx, caller: Caller, personId: string): Promise<PersonExport> {
  const person = await exportIdentity(trx, personId);
  if (person === undefined) throw refuse('person_not_found');
  const cut: string[] = [];
  const sections: Partial<Record<ExportSection, readonly ExportedRow[]>> = {};
  for (const section of exportSections) {
    const rows = await exportRows(trx, section, { personId, most: mostExported + 1 });
    if (rows.length > mostExported) cut.push(section);
    sections[section] = rows.slice(0, mostExported);
  }
  const { rows, zone } = await readPersonRegister(trx, personId);
  if (rows.length > mostExported) cut.push('register');
  const register = rows.slice(-mostExported).map((row) => registerLine(row, zone));
  await writeAudit(trx, { ...caller, action: 'person.exported', subject: personId, detail: { cut } });
  return { exportedAt: await databaseNow(trx), person, sections, register, cut };
}

/** The register of contacts with one person, as a file. Throws `OperationRefused`. */
export async function exportRegister(trx: Trx, caller: Caller, personId: string): Promise<string> {
  const register = await readPersonRegister(trx, personId);
  await writeAudit(trx, {
    ...caller,
    action: 'person.exported',
    subject: personId,
    detail: { register: register.rows.length },
  });
  return registerCsv(register);
}
