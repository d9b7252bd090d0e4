import type { Client } from '@temporalio/client';
import type { Database } from '../db/client.ts';
import { missingMigrations } from '../db/migrate.ts';
import { answers } from './answers.ts';

/** What a process may lack for its work. `process`: it is starting, or shutting down. */
export type MissingPart = 'database' | 'migrations' | 'temporal' | 'process';

export interface Missing {
  readonly part: MissingPart;
  /** What is wrong and what to do, without addresses or secrets: anybody may read it. */
  readonly es: string;
  readonly en: string;
}

export interface ReadinessDeps {
  readonly database: Database;
  readonly temporal: Pick<Client, 'connection'>;
  /** False while the process starts or shuts down. */
  readonly isServing: () => boolean;
}

/** What this process lacks to do its work now; empty: it is ready. Never rejects. */
export async function whatIsMissing(deps: ReadinessDeps): Promise<readonly Missing[]> {
  if (!deps.isServing()) return [missing.process];
  let lacking: readonly string[] = [];
  const [database, temporal] = await Promise.all([
    answers(async () => {
      lacking = await missingMigrations(deps.database);
    }),
    // Of the frontend itself: it asks nothing of Temporal's own database, which the worker's polls do.
    answers(() => deps.temporal.connection.workflowService.getSystemInfo({})),
  ]);
  return [
    ...(database ? [] : [missing.database]),
    ...(database && lacking.length > 0 ? [missing.migrations] : []),
    ...(temporal ? [] : [missing.temporal]),
  ];
}

const missing: Readonly<Record<MissingPart, Missing>> = {
  database: {
    part: 'database',
    es: 'PostgreSQL no responde. Revise el servidor y DATABASE_URL.',
    en: 'PostgreSQL does not answer. Look at the server and at DATABASE_URL.',
  },
  migrations: {
    part: 'migrations',
    es: 'La base de datos es de una versión anterior. Ejecute npm run migrate.',
    en: 'The database is of an earlier release. Run npm run migrate.',
  },
  temporal: {
    part: 'temporal',
    es: 'Temporal no responde. Revise el servidor y TEMPORAL_ADDRESS.',
    en: 'Temporal does not answer. Look at the server and at TEMPORAL_ADDRESS.',
  },
  process: {
    part: 'process',
    es: 'El proceso está empezando o terminando.',
    en: 'The process is starting or shutting down.',
  },
};
