import { type DestinationStream, type Logger, pino } from 'pino';
import { currentIds, currentSpan } from './context.ts';

/**
 * JSON lines with the ids of the work that they are about. Personal data stays out by three rules: callers log ids and
 * words of ours only; of an error nothing but its kind, place and masked message is written; and what looks like a
 * phone, a national id or an address is masked wherever it stands.
 */
export function createLogger(name: string, level: string, to?: DestinationStream): Logger {
  const options = {
    name,
    level,
    // One machine's name says nothing that the collector does not know.
    base: { pid: process.pid },
    mixin: () => ({ ...currentIds(), ...traceFields() }),
    formatters: { log: safeFields },
    hooks: {
      logMethod(this: Logger, args: Parameters<pino.LogFn>, method: pino.LogFn) {
        const masked = args.map((arg: unknown) => (typeof arg === 'string' ? mask(arg) : arg));
        Reflect.apply(method, this, masked);
      },
    },
  };
  return to === undefined ? pino(options) : pino(options, to);
}

function traceFields(): Readonly<Record<string, string>> {
  const span = currentSpan();
  return span === undefined ? {} : { traceId: span.traceId, spanId: span.spanId };
}

const deepest = 4;

function safeFields(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, safe(value, 0)]));
}

function safe(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return isId(value) ? value : mask(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return safeError(value, depth);
  if (value instanceof Date) return value.toISOString();
  // Nobody logs whole objects of ours; what a library hands over must not bring a row with it.
  if (depth >= deepest) return '…';
  if (Array.isArray(value)) return value.slice(0, 20).map((one: unknown) => safe(one, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, safe(one, depth + 1)]));
}

/** Fields of a database's error that name things of ours. Its `detail` and `where` hold the row. */
const harmless = ['code', 'severity', 'schema', 'table', 'constraint', 'routine', 'httpStatus', 'status'];

function safeError(error: Error, depth: number): Record<string, unknown> {
  const fields: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(error));
  const isOfDatabase = typeof fields['severity'] === 'string' && typeof fields['routine'] === 'string';
  const message = isOfDatabase ? withoutValues(error.message) : error.message;
  return {
    type: error.name === 'Error' ? error.constructor.name : error.name,
    message: mask(message),
    stack: placesOf(error.stack),
    ...Object.fromEntries(
      harmless.flatMap((key) => (key in fields ? [[key, safe(fields[key], depth + 1)]] : [])),
    ),
    ...(error.cause === undefined || depth >= deepest ? {} : { cause: safe(error.cause, depth + 1) }),
  };
}

/** `invalid input syntax for type date: "…"`: the value stands behind the colon. A constraint's name does not. */
function withoutValues(message: string): string {
  const at = message.indexOf(': "');
  return at >= 0 && message.endsWith('"') ? `${message.slice(0, at)}: <value>` : message;
}

/** Without the first lines, which repeat the message. */
function placesOf(stack: string | undefined): string {
  return (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .join('\n');
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const hex = /^[0-9a-f]{16,64}$/;
/** Made of slugs and numbers: `contact/<account>/2026-11-29-1/3`, which would be taken for a phone. */
const workflow = /^(?:contact|batch|rehearsal)(?:\/[a-z0-9-]{1,40}){1,3}$/;

function isId(text: string): boolean {
  return uuid.test(text) || hex.test(text) || workflow.test(text);
}

const ids =
  /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|call_[0-9a-f]{16,}|\b(?:contact|batch|rehearsal)(?:\/[a-z0-9-]{1,40}){1,3}/gi;
const telling =
  /[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}|\b\d{1,2}\.?\d{3}\.?\d{3}-?[\dkK]\b|\+?\d[\d ().-]{6,}\d/g;

/** More of one text helps nobody, and what others send may be of any length. */
const longestText = 4_000;

/** Phones, national ids and e-mail addresses become a word; ids of ours stay. What is too long is cut. */
export function mask(long: string): string {
  const text = long.length > longestText ? `${long.slice(0, longestText)}…` : long;
  const kept = text.match(ids) ?? [];
  const parts = text.split(ids).map((part) => part.replaceAll(telling, '<masked>'));
  return parts.map((part, index) => part + (kept[index] ?? '')).join('');
}

/** For Temporal's runtime: its chatter is debug, and its errors lose what a log must not hold. */
export function runtimeLogger(logger: Logger) {
  type Meta = Readonly<Record<string, unknown>> | undefined;
  const fieldsOf = (meta: Meta): object => ({ ...meta });
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
  return {
    log: (level: keyof typeof levels, message: string, meta?: Meta) =>
      logger[levels[level]](fieldsOf(meta), message),
    trace: (message: string, meta?: Meta) => logger.trace(fieldsOf(meta), message),
    debug: (message: string, meta?: Meta) => logger.debug(fieldsOf(meta), message),
    info: (message: string, meta?: Meta) => logger.debug(fieldsOf(meta), message),
    warn: (message: string, meta?: Meta) => logger.warn(fieldsOf(meta), message),
    error: (message: string, meta?: Meta) => logger.error(fieldsOf(meta), message),
  };
}
