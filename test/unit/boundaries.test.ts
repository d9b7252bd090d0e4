import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Import {
  readonly from: string;
  /** A path from the root, or the name of a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

const skipped = new Set(['node_modules', '.git', '.tandas', 'docs']);

function sourceFiles(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : sourceFiles(path);
    return /\.(ts|mjs)$/.test(entry.name) ? [path] : [];
  });
}

const statement = /^\s*(?:import|export)\s+(type\s+)?([^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g;

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const resolve = (specifier: string): string =>
    specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier;
  return [
    ...[...text.matchAll(statement)].map(([, type, , specifier = '']) => ({
      from: file,
      to: resolve(specifier),
      typeOnly: type !== undefined,
    })),
    ...[...text.matchAll(dynamic)].map(([, specifier = '']) => ({
      from: file,
      to: resolve(specifier),
      typeOnly: false,
    })),
  ];
}

interface Rule {
  readonly name: string;
  readonly files: RegExp;
  /** What such a file may import. */
  readonly allowed: readonly RegExp[];
  /** What it may import as a type: types are gone when the code runs. */
  readonly allowedTypes?: readonly RegExp[];
}

const node = /^node:/;
const rules: readonly Rule[] = [
  {
    name: 'pure workflow logic imports nothing but itself: no SDK, no clock, no calendar',
    files: /^workflows\/[^/]+\/(rules\/.*|decide|dialling|follow-up|turn|state|events|commands|words)\.ts$/,
    allowed: [
      /^workflows\/[^/]+\/(rules\/.*|decide|dialling|follow-up|turn|state|events|commands|words)\.ts$/,
      /^workflows\/shared\/ids\.ts$/,
    ],
    allowedTypes: [/^rules\/(slot|refusal)\.ts$/],
  },
  {
    name: 'workflow contracts hold definitions and types only',
    files: /^workflows\/[^/]+\/contract\.ts$/,
    allowed: [/^@temporalio\/workflow$/],
    allowedTypes: [/^rules\/slot\.ts$/, /^workflows\/[^/]+\/(state|events)\.ts$/],
  },
  {
    name: 'workflow shells know the SDK, their own feature, and the types of activities',
    files: /^workflows\/.*\.ts$/,
    allowed: [/^@temporalio\/(workflow|common)$/, /^workflows\//],
    allowedTypes: [/^activities\/[^/]+\/types\.ts$/, /^rules\/slot\.ts$/],
  },
  {
    name: 'rules know dates and holidays, and nothing of ours',
    files: /^rules\/.*\.ts$/,
    allowed: [/^rules\//, /^luxon$/, /^date-holidays$/],
  },
  {
    name: 'use cases know rules only',
    files: /^usecases\/.*\.ts$/,
    allowed: [/^usecases\//, /^rules\//],
  },
  {
    name: 'reports of a simulation know words, tables and Excel, and live nothing',
    files: /^simulation\/report\/.*\.ts$/,
    allowed: [/^simulation\/report\//, /^workflows\/contact\/words\.ts$/, /^exceljs$/],
  },
  {
    name: 'simulations know the rules, the decisions and nothing that has a clock or a row',
    files: /^simulation\/.*\.ts$/,
    allowed: [
      /^(simulation|rules|usecases)\//,
      /^operations\/(contact-rules|reschedule-slot)\.ts$/,
      /^workflows\/contact\/(decide|state|events)\.ts$/,
      /^workflows\/shared\/logic-version\.ts$/,
      /^luxon$/,
    ],
    allowedTypes: [/^workflows\/contact\//, /^voice\//],
  },
  {
    name: 'migrations import nothing of ours: an old one must mean tomorrow what it means today',
    files: /^db\/migrations\/.*\.ts$/,
    allowed: [/^kysely$/],
  },
  {
    name: 'the database layer knows no rule of the business',
    files: /^db\/.*\.ts$/,
    allowed: [/^db\//, /^kysely$/, /^pg$/, node],
  },
  {
    name: 'the voice port and its adapters know the provider and the pure rules',
    files: /^voice\/.*\.ts$/,
    allowed: [/^voice\//, /^rules\//, /^retell-sdk/, node],
  },
  {
    name: 'the channels of messages know their own HTTP, and nothing of ours',
    files: /^messaging\/.*\.ts$/,
    allowed: [/^messaging\//, node],
  },
  {
    name: 'payment providers know their own HTTP, and nothing of ours',
    files: /^payments\/.*\.ts$/,
    allowed: [/^payments\//, /^mercadopago$/, node],
  },
  {
    name: 'the bundled MCP server knows operations and channels, and neither the API nor workflows',
    files: /^mcp\/.*\.ts$/,
    allowed: [
      /^(mcp|db|messaging|observability|operations|outbound|payments)\//,
      /^config\.ts$/,
      /^(@modelcontextprotocol\/server|@hono\/node-server|pino|zod)$/,
      node,
    ],
  },
  {
    name: 'actions know tools, channels and rules, and neither the API nor the workflow SDK',
    files: /^actions\/.*\.ts$/,
    allowed: [
      /^(actions|db|messaging|operations|outbound|rules)\//,
      /^activities\/contact\/load\.ts$/,
      /^@modelcontextprotocol\/client/,
      /^kysely$/,
      node,
    ],
  },
  {
    name: 'what leaves us knows addresses, secrets and retries, and nothing of the business',
    files: /^outbound\/.*\.ts$/,
    allowed: [/^outbound\//, node],
  },
  {
    name: 'what watches knows rows and servers, and nothing of the business',
    files: /^observability\/.*\.ts$/,
    allowed: [
      /^(observability|db)\//,
      /^(kysely|pg|pino|prom-client|hono.*|@opentelemetry\/.*)$/,
      /^@temporalio\/(activity|client|common)$/,
      node,
    ],
    allowedTypes: [/^voice\//, /^@temporalio\/worker$/],
  },
  {
    name: 'settlement knows operations, rules and use cases, and no activity',
    files: /^settlement\/.*\.ts$/,
    allowed: [
      /^(db|operations|rules|settlement|usecases|voice)\//,
      /^workflows\/contact\/events\.ts$/,
      /^workflows\/shared\/ids\.ts$/,
      /^kysely$/,
      node,
    ],
    allowedTypes: [/^workflows\//],
  },
  {
    name: 'activities know neither the workflow SDK nor the API',
    files: /^activities\/.*\.ts$/,
    allowed: [
      /^(actions|activities|db|operations|outbound|rules|settlement|usecases|voice)\//,
      /^workflows\/shared\/(ids|logic-version|search-attributes|task-queues)\.ts$/,
      /^@temporalio\/(activity|client|common)$/,
      /^(kysely|luxon)$/,
      node,
    ],
    allowedTypes: [/^workflows\//],
  },
  {
    name: 'the API knows neither activities nor workers nor workflow code',
    files: /^api\/.*\.ts$/,
    allowed: [
      /^(actions|api|db|imports|messaging|observability|operations|outbound|payments|rules|settlement|usecases|voice)\//,
      /^simulation\/report\//,
      /^config\.ts$/,
      /^workflows\/(shared\/.*|[^/]+\/contract)\.ts$/,
      /^@temporalio\/(client|common)$/,
      /^(@hono\/.*|hono.*|zod|kysely|luxon|pg|pino|swagger-ui-dist)$/,
      node,
    ],
    allowedTypes: [/^workflows\//],
  },
];

const production =
  /^(actions|activities|api|db|imports|mcp|messaging|observability|operations|outbound|payments|relay|rules|settlement|simulation|usecases|voice|workflows)\/|^(worker|config)\.ts$/;

let imports: readonly Import[];
beforeAll(() => {
  imports = sourceFiles('.').flatMap((file) => importsOf(normalize(file)));
});

describe('import boundaries', () => {
  for (const { name, files, allowed, allowedTypes = [] } of rules) {
    it(name, () => {
      const mine = imports.filter(({ from }) => files.test(from) && firstRule(from)?.name === name);
      expect(mine.length).toBeGreaterThan(0);
      const broken = mine.filter(({ to, typeOnly }) => {
        if (allowed.some((pattern) => pattern.test(to))) return false;
        return !(typeOnly && allowedTypes.some((pattern) => pattern.test(to)));
      });
      expect(broken.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
    });
  }

  it('nothing that runs in production imports from dev, test or scripts', () => {
    const broken = imports.filter(
      ({ from, to }) => production.test(from) && /^(dev|test|scripts|bench|chaos)\//.test(to),
    );
    expect(broken).toEqual([]);
  });

  it('zod stays at the edge: forty schemas in a workflow cost two megabytes a contact', () => {
    const broken = imports.filter(
      ({ from, to }) => production.test(from) && to === 'zod' && !/^(api|mcp)\//.test(from),
    );
    expect(broken).toEqual([]);
  });
});

/** The strictest rule that names a file comes first in the list. */
function firstRule(file: string): Rule | undefined {
  return rules.find(({ files }) => files.test(file));
}

describe('workflow code', () => {
  it('reads no clock, no chance and no zone outside the shell', () => {
    const banned = /\b(Date\.now|new Date|Intl|Math\.random|process\.|setTimeout|toLocale)/;
    const pure = rules[0]?.files ?? /^$/;
    const broken = sourceFiles('workflows').filter(
      (file) => pure.test(file) && banned.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(broken).toEqual([]);
  });

  it('uses no Intl and no local getters anywhere: they follow the machine, and break replay', () => {
    const banned = /\bIntl\b|\.get(Hours|Day|Date|Month|FullYear|Minutes)\(|toLocale|\bTemporal\.Now/;
    const broken = sourceFiles('workflows').filter((file) =>
      banned.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(broken).toEqual([]);
  });

  it('bundles below two megabytes, without zod or exceljs, and registers exactly four workflows', async () => {
    const workflowsPath = join(root, 'workflows', 'index.ts');
    const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
    // Without its source map, which the worker keeps apart.
    const bare = code.replace(/\/\/# sourceMappingURL=.*$/s, '');
    expect(Buffer.byteLength(bare)).toBeLessThan(2_000_000);
    for (const banned of ['zod', 'exceljs', 'luxon', 'kysely'])
      expect(bare).not.toContain(`node_modules/${banned}/`);
    const names = [...readFileSync(workflowsPath, 'utf8').matchAll(/export \{ (\w+) \}/g)].map(
      ([, name]) => name,
    );
    expect(names).toEqual(['batch', 'contact', 'dialer', 'rehearsal']);
  });
});

it('no source file is longer than 400 lines', () => {
  const long = sourceFiles('.')
    .map((file) => ({
      file: relative('.', file),
      lines: readFileSync(join(root, file), 'utf8').split('\n').length,
    }))
    .filter(({ lines }) => lines > 400);
  expect(long).toEqual([]);
});
