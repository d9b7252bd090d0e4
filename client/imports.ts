import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answered, type Api, type Schema } from './api.ts';

const pollMs = 500;

/** What may be said of a file beside its rows; the API reads each as the text of a form. */
export type ImportFields = Readonly<Record<string, string>>;

/** A form with a file, read while it is sent. */
export async function formOf(file: string, fields: ImportFields = {}): Promise<FormData> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', await openAsBlob(file), basename(file));
  return form;
}

/** Uploads a file and stays until it is stored. Throws when it is not. */
export async function importFile(
  api: Api,
  file: string,
  fields: ImportFields,
  onProgress: (soFar: Schema<'Import'>) => void = () => undefined,
): Promise<Schema<'Import'>> {
  const form = await formOf(file, fields);
  let answer = await answered(
    api.POST('/api/v1/imports', {
      params: { header: { prefer: 'wait=2' } },
      body: { file: basename(file) },
      // The document has a field for each part; what is sent is the form itself.
      bodySerializer: () => form,
    }),
  );
  while (answer.import_id !== null && (answer.state === 'waiting' || answer.state === 'reading')) {
    onProgress(answer);
    await sleep(pollMs);
    answer = await answered(api.GET('/api/v1/imports/{id}', { params: { path: { id: answer.import_id } } }));
  }
  if (answer.failure !== null) throw new Error(answer.failure.message_es);
  if (answer.state === 'cancelled') throw new Error('La carga fue cancelada.');
  return answer;
}
