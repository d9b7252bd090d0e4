import { AsyncLocalStorage } from 'node:async_hooks';
import type { SpanContext } from '@opentelemetry/api';

/** Ids that every log line and span carries while one piece of work runs. Ids only, never a name, number or amount. */
export interface WorkIds {
  readonly requestId?: string;
  readonly accountId?: string;
  readonly batchId?: string;
  readonly contactId?: string;
  readonly attemptId?: string;
  readonly activity?: string;
}

interface Work {
  ids: WorkIds;
  readonly span: SpanContext | undefined;
}

const storage = new AsyncLocalStorage<Work>();

/** Runs `work` with these ids, on top of those that it is already running with. */
export function inWork<T>(ids: WorkIds, work: () => T): T {
  const outer = storage.getStore();
  return storage.run({ ids: { ...outer?.ids, ...ids }, span: outer?.span }, work);
}

/** The same, as part of a span. */
export function inSpanOf<T>(span: SpanContext, work: () => T): T {
  return storage.run({ ids: storage.getStore()?.ids ?? {}, span }, work);
}

/** An id that became known while the work runs. */
export function noteIds(ids: WorkIds): void {
  const current = storage.getStore();
  if (current !== undefined) current.ids = { ...current.ids, ...ids };
}

export function currentIds(): WorkIds {
  return storage.getStore()?.ids ?? {};
}

export function currentSpan(): SpanContext | undefined {
  return storage.getStore()?.span;
}

const wanted = ['requestId', 'accountId', 'batchId', 'contactId', 'attemptId'] as const;

/** The ids among an activity's or a message's fields; whatever else is in it stays out. */
export function idsIn(input: unknown): WorkIds {
  if (typeof input !== 'object' || input === null) return {};
  const fields: Readonly<Record<string, unknown>> = { ...input };
  return Object.fromEntries(
    wanted.flatMap((name) => {
      const value = fields[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}
