import { createHash, randomBytes } from 'node:crypto';
import {
  context,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
  TraceFlags,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { currentIds, currentSpan, inSpanOf, type WorkIds } from './context.ts';

/**
 * Spans without any interceptor of Temporal's: a workflow's history stays what it was, and replays. The trace's context
 * travels in the batch's row instead (docs/decisions/0015).
 */
export interface Tracing {
  /** Undefined: tracing is off, and everything here only runs its work. */
  readonly tracer: Tracer | undefined;
  /** Sends what is still here. */
  shutdown(): Promise<void>;
}

export interface SpanOptions {
  readonly kind?: 'server' | 'client' | 'producer' | 'internal';
  /** Default: the span that is running. `null`: a trace of its own. */
  readonly parent?: SpanContext | null;
  /** Another trace that this one has to do with. */
  readonly link?: SpanContext | undefined;
  /** Makes the span's id: whoever knows the key can be its child, in another process and before it has ended. */
  readonly key?: string | undefined;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

/** An id that another process computes as well. */
export function spanIdOf(key: string): string {
  return createHash('sha256').update(`span:${key}`).digest('hex').slice(0, 16);
}

/** Taken by the next span that starts: the SDK asks for an id in the same call, with nothing in between. */
let nextSpanId: string | undefined;

const idGenerator = {
  generateTraceId: (): string => randomBytes(16).toString('hex'),
  generateSpanId: (): string => {
    const id = nextSpanId ?? randomBytes(8).toString('hex');
    nextSpanId = undefined;
    return id;
  },
};

const off: Tracing = { tracer: undefined, shutdown: () => Promise.resolve() };

/** Sends spans to OTEL_EXPORTER_OTLP_ENDPOINT by OTLP over HTTP (JSON); off where that is not set. */
export function createTracing(serviceName: string, env: NodeJS.ProcessEnv): Tracing {
  const endpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (endpoint === undefined || endpoint === '') return off;
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.namespace': 'tandas' }),
    idGenerator,
    // The exporter reads the endpoint, headers and time-outs from the environment by itself, as OpenTelemetry names them.
    spanProcessors: [
      new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), scheduledDelayMillis: 1_000 }),
    ],
  });
  return {
    tracer: provider.getTracer('tandas'),
    // A collector that is away must not keep a process from ending.
    shutdown: () => provider.shutdown().catch(() => undefined),
  };
}

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  internal: SpanKind.INTERNAL,
} as const;

/** Runs `work` as a span; costs nothing where tracing is off. The span carries the ids of the work, and no error's words. */
export async function inSpan<T>(
  { tracer }: Pick<Tracing, 'tracer'>,
  name: string,
  options: SpanOptions,
  work: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  if (tracer === undefined) return work(undefined);
  const { kind = 'internal', link, key, attributes = {} } = options;
  const parent = options.parent === undefined ? currentSpan() : (options.parent ?? undefined);
  const at = parent === undefined ? context.active() : trace.setSpanContext(context.active(), parent);
  nextSpanId = key === undefined ? undefined : spanIdOf(key);
  const span = tracer.startSpan(
    name,
    {
      kind: kinds[kind],
      attributes: { ...attributesOf(currentIds()), ...attributes },
      ...(link === undefined ? {} : { links: [{ context: link }] }),
      ...(parent === undefined ? { root: true } : {}),
    },
    at,
  );
  try {
    return await inSpanOf(span.spanContext(), () => work(span));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
    throw error;
  } finally {
    span.end();
  }
}

export function attributesOf(ids: WorkIds): Record<string, string> {
  return Object.fromEntries(Object.entries(ids).map(([name, value]) => [`tandas.${name}`, String(value)]));
}

const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** W3C trace context; undefined for a text that is none. */
export function parseTraceparent(text: string | null | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags = '00'] = traceparent.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId))
    return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}

export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
