import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Every source file of the project: its path from the root, and its text. */
export type Tree = ReadonlyMap<string, string>;

export interface Violation {
  readonly check: string;
  readonly file: string;
  readonly detail: string;
}

interface Import {
  readonly from: string;
  /** A path from the root, or the name of a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/** A domain imports those before it, and the `rules/` of any. */
export const domainOrder = [
  'shared',
  'temporal',
  'usecases',
  'people',
  'policy',
  'billing',
  'lines',
  'accounts',
  'charging',
  'tools',
  'imports',
  'contacts',
  'tasks',
  'summaries',
  'privacy',
  'payments',
  'negotiation',
  'batches',
  'calls',
  'recordings',
  'messages',
  'integrations',
  'explain',
  'rehearsal',
  'forecast',
  'reports',
  'alerts',
] as const;

const node = /^node:/;
const pureWorkflow =
  /^workflows\/[^/]+\/(rules\/.*|decide|dialling|follow-up|next-step|state|commands|labels)\.ts$/;
const rulesOfDomains = /^domain\/[^/]+\/rules\//;
const queries = /^domain\/[^/]+\/queries[^/]*\.ts$/;

interface Room {
  readonly name: string;
  readonly files: RegExp;
  /** What such a file may import. */
  readonly allowed: readonly RegExp[];
  /** What it may import as a type: types are gone when the code runs. */
  readonly allowedTypes?: readonly RegExp[];
}

/** The strictest room that has a file comes first. */
export const rooms: readonly Room[] = [
  {
    name: 'pure workflow logic imports itself and rules: no SDK, no clock, no calendar',
    files: pureWorkflow,
    allowed: [pureWorkflow, rulesOfDomains, /^workflows\/shared\/ids\.ts$/],
  },
  {
    name: 'workflow contracts hold definitions and types only',
    files: /^workflows\/[^/]+\/contract\.ts$/,
    allowed: [/^@temporalio\/workflow$/],
    allowedTypes: [rulesOfDomains, /^workflows\/[^/]+\/(state|events)\.ts$/],
  },
  {
    name: 'workflow shells know the SDK, their own feature, rules, and the types of activities',
    files: /^workflows\//,
    allowed: [/^@temporalio\/(workflow|common)$/, /^workflows\//, rulesOfDomains],
    allowedTypes: [/^activities\/[^/]+\/types\.ts$/],
  },
  {
    name: 'rules are pure: they know rules, dates and holidays',
    files: rulesOfDomains,
    allowed: [rulesOfDomains, /^luxon$/, /^date-holidays$/, /^libphonenumber-js/],
  },
  {
    name: 'migrations import nothing of ours: an old one must mean tomorrow what it means today',
    files: /^db\/migrations\//,
    allowed: [/^kysely$/],
  },
  {
    name: 'the database layer knows nothing of ours',
    files: /^db\//,
    allowed: [/^db\//, /^kysely$/, /^pg$/, node],
  },
  {
    name: "channels know their provider's client and the ports of the domains",
    files: /^channels\//,
    allowed: [/^channels\//, rulesOfDomains, /^(retell-sdk|mercadopago|nodemailer|stripe)/, node],
    allowedTypes: [/^domain\/[^/]+\/[^/]+-port\.ts$/],
  },
  {
    name: 'stores of files know their client and the port that they stand behind',
    files: /^storage\//,
    allowed: [/^storage\//, /^@aws-sdk\/(client-s3|lib-storage)$/, node],
    allowedTypes: [/^domain\/[^/]+\/[^/]+-port\.ts$/],
  },
  {
    name: 'sign-in knows its library, the rows of people, and the port that it stands behind',
    files: /^identity\//,
    allowed: [
      /^identity\//,
      /^db\/client\.ts$/,
      /^domain\/accounts\/(queries-sign-in|sign-in-port)\.ts$/,
      rulesOfDomains,
      /^(better-auth(\/.*)?|@zxcvbn-ts\/[a-z-]+|pg|zod)$/,
      node,
    ],
  },
  {
    name: 'what leaves us knows addresses, secrets and retries, and nothing of the business',
    files: /^outbound\//,
    allowed: [/^outbound\//, node],
  },
  {
    name: 'what watches knows rows and servers, and nothing of the business',
    files: /^observability\//,
    allowed: [
      /^(observability|db)\//,
      /^(kysely|pg|pino|prom-client|hono.*|@opentelemetry\/.*)$/,
      /^@temporalio\/(activity|client|common)$/,
      node,
    ],
    allowedTypes: [/^domain\/[^/]+\/[^/]+-port\.ts$/, /^@temporalio\/worker$/],
  },
  {
    // Above the contact's decisions, as the workflow is: what it forecasts is `decide` itself, not a copy.
    name: 'the forecast lives the decisions of the contact, and nothing that has a clock or a row',
    files: /^domain\/forecast\//,
    allowed: [
      /^domain\/forecast\//,
      rulesOfDomains,
      pureWorkflow,
      /^workflows\/shared\/logic-version\.ts$/,
      /^domain\/usecases\//,
      /^luxon$/,
    ],
  },
  {
    name: 'scripts are entries: commands, upkeep and what they start',
    files: /^scripts\//,
    allowed: [/^(audit|cli|db|domain|maintenance|observability)\//, /^zod$/, node],
  },
  {
    name: 'replay knows histories and the replayer, and neither rows nor domains',
    files: /^maintenance\/replay\//,
    allowed: [/^maintenance\/replay\//, /^@temporalio\/(client|common|proto|worker)/, node],
  },
  {
    // A restored contact is closed by the contact's own activity: one way to close it.
    name: 'upkeep knows rows, histories and domains, and of the shells what closes a contact',
    files: /^maintenance\//,
    allowed: [
      /^(maintenance|db|domain)\//,
      /^activities\/contact\/turn\.ts$/,
      /^(kysely|pg|pg-copy-streams|zod)$/,
      /^@temporalio\/(client|common)$/,
      node,
    ],
    allowedTypes: [/^activities\/contact\/deps\.ts$/, /^workflows\/contact\/workflow\.ts$/],
  },
  {
    name: "commands' client knows HTTP and the local stack's files",
    files: /^client\//,
    allowed: [/^client\//, /^(openapi-fetch|zod)$/, node],
  },
  {
    name: 'domains know rules, rows, ports and what leaves us, and no shell',
    files: /^domain\//,
    allowed: [
      /^(domain|db|outbound)\//,
      /^(kysely|luxon|exceljs|pdfkit|yauzl|saxes|pg-copy-streams|pg)$/,
      /^@modelcontextprotocol\/client/,
      /^@temporalio\/(client|common|proto)(\/lib\/time\.js)?$/,
      /^standardwebhooks$/,
      node,
    ],
  },
  {
    name: 'the MCP server knows domains and what leaves us, and neither the API nor workflows',
    files: /^mcp\//,
    allowed: [
      /^(mcp|db|domain|channels|observability|outbound)\//,
      /^config\.ts$/,
      /^(@modelcontextprotocol\/server|@hono\/node-server|pino|zod)$/,
      node,
    ],
  },
  {
    name: 'relay loops know domains, and neither the API nor activities',
    files: /^relay\//,
    allowed: [
      /^(relay|db|domain|observability|outbound)\//,
      /^workflows\/([^/]+\/contract|shared\/ids)\.ts$/,
      /^@temporalio\/(client|common|proto)$/,
      /^(kysely|pg|pino|standardwebhooks)$/,
      node,
    ],
  },
  {
    name: 'activities know domains, and neither the workflow SDK nor the API',
    files: /^activities\//,
    allowed: [
      /^(activities|channels|db|domain|outbound)\//,
      /^workflows\/shared\/(ids|logic-version|search-attributes|task-queues)\.ts$/,
      /^@temporalio\/(activity|client|common)$/,
      /^(kysely|luxon)$/,
      node,
    ],
    allowedTypes: [/^workflows\//],
  },
  {
    name: 'the API knows neither activities nor workers nor workflow code',
    files: /^api\//,
    allowed: [
      /^(api|channels|db|domain|identity|observability|outbound|storage)\//,
      /^config\.ts$/,
      /^workflows\/(shared\/.*|[^/]+\/contract)\.ts$/,
      /^@temporalio\/(client|common)$/,
      /^(@hono\/.*|hono.*|zod|kysely|luxon|pg|pino|swagger-ui-dist)$/,
      node,
    ],
    allowedTypes: [/^workflows\//],
  },
];

/** What production runs. `dev/`, `test/` are what it never does; `cli/` and `scripts/` are commands. */
const production =
  /^(activities|api|audit|channels|cli|client|db|domain|identity|maintenance|mcp|observability|outbound|relay|scripts|storage|workflows)\/|^(worker|config)\.ts$/;

/** Files outside `db/` and the queries of the domains that hold SQL, with the reason. */
const sqlElsewhere: readonly (readonly [file: RegExp, reason: string])[] = [
  [/^audit\//, 'the audit shares no query with what it checks'],
  [/^observability\//, 'figures of tables as they are, of no domain'],
  [/^maintenance\/(backup|restore|retention)\//, 'whole tables, of every domain alike'],
];

const sqlText = /\b(selectFrom|insertInto|updateTable|deleteFrom|mergeInto)\(|\bsql(<[^`]*>)?`/;
const statement = /^\s*(?:import|export)\s+(type\s+)?([^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g;

const skipped = new Set(['node_modules', '.git', '.tandas', 'docs']);

/** Reads the tree below a folder. */
export function readTree(root: string): Tree {
  const below = (folder: string): readonly string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : below(path);
      return /\.(ts|mjs)$/.test(entry.name) ? [normalize(path)] : [];
    });
  return new Map(below('.').map((file) => [file, readFileSync(join(root, file), 'utf8')]));
}

function importsOf(tree: Tree): readonly Import[] {
  return [...tree].flatMap(([from, text]) => {
    const resolve = (specifier: string): string =>
      specifier.startsWith('.') ? normalize(join(dirname(from), specifier)) : specifier;
    return [
      ...[...text.matchAll(statement)].map(([, type, , specifier = '']) => ({
        from,
        to: resolve(specifier),
        typeOnly: type !== undefined,
      })),
      ...[...text.matchAll(dynamic)].map(([, specifier = '']) => ({
        from,
        to: resolve(specifier),
        typeOnly: false,
      })),
    ];
  });
}

/** Every place where the tree breaks the order of the house. */
export function violations(tree: Tree): readonly Violation[] {
  const imports = importsOf(tree);
  return [
    ...imports.flatMap(outOfRoom),
    ...imports.flatMap(againstOrder),
    ...imports.flatMap(fromDevelopment),
    ...imports.flatMap(zodInside),
    ...circles(imports),
    ...[...tree].flatMap(([file, text]) => [...sqlOutside(file, text), ...clockInside(file, text)]),
    ...[...tree].flatMap(([file, text]) => [...tooLong(file, text), ...tooMuchForAnEntry(file, text)]),
  ];
}

function outOfRoom({ from, to, typeOnly }: Import): readonly Violation[] {
  const room = rooms.find(({ files }) => files.test(from));
  if (room === undefined || room.allowed.some((pattern) => pattern.test(to))) return [];
  if (typeOnly && room.allowedTypes?.some((pattern) => pattern.test(to)) === true) return [];
  return [{ check: room.name, file: from, detail: `imports ${to}` }];
}

export const ORDER = 'a domain imports only those before it, or rules';
function againstOrder({ from, to }: Import): readonly Violation[] {
  const [mine, theirs] = [from, to].map((path) => /^domain\/([^/]+)\//.exec(path)?.[1]);
  if (mine === undefined || theirs === undefined || mine === theirs || rulesOfDomains.test(to)) return [];
  const place = (name: string): number => domainOrder.findIndex((one) => one === name);
  if (place(mine) >= 0 && place(theirs) >= 0 && place(theirs) < place(mine)) return [];
  return [{ check: ORDER, file: from, detail: `imports ${to}` }];
}

export const DEVELOPMENT = 'nothing that production runs imports from dev or test';
function fromDevelopment({ from, to }: Import): readonly Violation[] {
  if (!production.test(from) || !/^(dev|test)\//.test(to)) return [];
  return [{ check: DEVELOPMENT, file: from, detail: `imports ${to}` }];
}

export const ZOD = 'zod stays at the edge: forty schemas in a workflow cost two megabytes a contact';
function zodInside({ from, to }: Import): readonly Violation[] {
  if (
    to !== 'zod' ||
    !production.test(from) ||
    /^(api|audit|client|identity|maintenance|mcp|scripts)\//.test(from)
  )
    return [];
  return [{ check: ZOD, file: from, detail: 'imports zod' }];
}

export const CIRCLE = 'no circle of imports, types included';
function circles(imports: readonly Import[]): readonly Violation[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const state = new Map<string, 'open' | 'done'>();
  const found: Violation[] = [];
  const walk = (file: string, path: readonly string[]): void => {
    state.set(file, 'open');
    for (const to of next.get(file) ?? []) {
      if (state.get(to) === 'open') {
        const circle = [...path.slice(path.indexOf(to)), file, to].filter(
          (one, i, all) => one !== all[i - 1],
        );
        found.push({ check: CIRCLE, file, detail: circle.join(' → ') });
      } else if (state.get(to) === undefined) walk(to, [...path, file]);
    }
    state.set(file, 'done');
  };
  for (const file of next.keys()) if (state.get(file) === undefined) walk(file, []);
  return found;
}

export const SQL = 'SQL stands in db/ and domain/*/queries* only';
function sqlOutside(file: string, text: string): readonly Violation[] {
  if (!production.test(file) || file.startsWith('db/') || queries.test(file)) return [];
  if (sqlElsewhere.some(([files]) => files.test(file)) || !sqlText.test(text)) return [];
  return [{ check: SQL, file, detail: sqlText.exec(text)?.[0] ?? '' }];
}

export const CLOCK = 'workflow code reads no clock, no chance and no zone outside the shell';
function clockInside(file: string, text: string): readonly Violation[] {
  const banned = pureWorkflow.test(file)
    ? /\b(Date\.now|new Date|Intl|Math\.random|process\.|setTimeout|toLocale)/
    : /\bIntl\b|\.get(Hours|Day|Date|Month|FullYear|Minutes)\(|toLocale|\bTemporal\.Now/;
  if (!file.startsWith('workflows/') || !banned.test(text)) return [];
  return [{ check: CLOCK, file, detail: banned.exec(text)?.[0] ?? '' }];
}

export const ENTRY =
  'a script is an entry of at most 40 lines: what it does stands in cli/, maintenance/ or a domain';
function tooMuchForAnEntry(file: string, text: string): readonly Violation[] {
  const lines = text.split('\n').length;
  return file.startsWith('scripts/') && lines > 41 ? [{ check: ENTRY, file, detail: `${lines} lines` }] : [];
}

export const LENGTH = 'no source file is longer than 400 lines';
function tooLong(file: string, text: string): readonly Violation[] {
  const lines = text.split('\n').length;
  // Made from the API's document, and read by nobody.
  if (file === 'client/schema.d.ts') return [];
  return lines > 400 ? [{ check: LENGTH, file, detail: `${lines} lines` }] : [];
}
