import { parseArgs } from 'node:util';
import { readLocalStack } from '../client/local.ts';
import { AuditError, type VoiceRecordSource } from './types.ts';

export interface AuditOptions {
  readonly databaseUrl: string;
  readonly voice: VoiceRecordSource | undefined;
  readonly json: boolean;
}

export const usage = 'Uso: npm run audit -- [--json] [--voice URL --voice-key CLAVE]';

type Env = Readonly<Record<string, string | undefined>>;

/** The command line, then the environment, then the stack that runs in this folder. Throws `AuditError`, and what `parseArgs` throws. */
export async function readOptions(args: readonly string[], env: Env): Promise<AuditOptions> {
  const { values } = parse(args);
  const local = given(env['DATABASE_URL']) === undefined ? await readLocalStack(env) : undefined;
  const databaseUrl = given(env['DATABASE_URL']) ?? local?.databaseUrl;
  if (databaseUrl === undefined) {
    throw new AuditError(
      'No hay base de datos que auditar: defina DATABASE_URL, o inicie el sistema con npm start.',
    );
  }
  const named = given(values.voice) ?? given(env['AUDIT_VOICE_URL']);
  const assumed = given(env['RETELL_BASE_URL']);
  const apiKey = given(values['voice-key']) ?? given(env['RETELL_API_KEY']) ?? local?.voice?.apiKey ?? '';
  const json = values.json === true;
  if (named !== undefined) return { databaseUrl, voice: { url: named, apiKey }, json };
  if (assumed !== undefined) return { databaseUrl, voice: { url: assumed, apiKey, assumed: true }, json };
  return { databaseUrl, voice: local?.voice, json };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: { json: { type: 'boolean' }, voice: { type: 'string' }, 'voice-key': { type: 'string' } },
  });
}

function given(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === '' ? undefined : text;
}
