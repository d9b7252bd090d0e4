/** Where a run's servers are. */
export interface Servers {
  /** A database of the server on which test databases are made, as a user who may make them. */
  readonly adminDatabaseUrl: string;
  readonly templateDatabase: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** Workflow bundles of this run, made by whoever needs one first. Empty: none are kept, sources may change meanwhile. */
  readonly bundleDir: string;
}

/** Names the variable by which a benchmark's process is told what vitest tells a test file. */
export const SERVERS_VARIABLE = 'TANDAS_TEST_SERVERS';

/** The servers of this run: of `npm run bench`, or of vitest. Benchmarks and tests share the helpers that ask. */
export async function runServers(): Promise<Servers> {
  const given = process.env[SERVERS_VARIABLE];
  if (given !== undefined) return parseServers(JSON.parse(given));
  // Not at the top: outside vitest there is nothing to inject from.
  const { inject } = await import('vitest');
  return {
    adminDatabaseUrl: inject('adminDatabaseUrl'),
    templateDatabase: inject('templateDatabase'),
    temporalAddress: inject('temporalAddress'),
    temporalNamespace: inject('temporalNamespace'),
    bundleDir: inject('bundleDir'),
  };
}

function parseServers(value: unknown): Servers {
  const fields = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  const text = (name: string): string => {
    const field: unknown = fields.get(name);
    if (typeof field !== 'string') throw new Error(`${SERVERS_VARIABLE} has no ${name}`);
    return field;
  };
  return {
    adminDatabaseUrl: text('adminDatabaseUrl'),
    templateDatabase: text('templateDatabase'),
    temporalAddress: text('temporalAddress'),
    temporalNamespace: text('temporalNamespace'),
    bundleDir: text('bundleDir'),
  };
}
