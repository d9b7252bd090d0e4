import { defaultPayloadConverter, RawValue, rawValueTypeInfo } from '@temporalio/common';
import { Fields, Malformed } from '../../domain/shared/rules/read-value.ts';

/** Most arguments of one message that are left undecoded; one of ours has one. */
const mostArguments = 32;

/**
 * For a message whose bytes the handler decodes. A payload that is no JSON would else fail the workflow's task before any
 * handler sees it, again and again, and nothing would be taken any more.
 */
export const undecoded = {
  typeInfo: { inputTypes: Array.from({ length: mostArguments }, () => rawValueTypeInfo) },
};

/** What such a message says. Throws `Malformed`. */
export function decoded(raw: unknown): unknown {
  if (!(raw instanceof RawValue)) return raw;
  try {
    return defaultPayloadConverter.fromPayload<unknown>(raw.payload);
  } catch {
    throw new Malformed('message', 'JSON');
  }
}

/** A message that could not be read, or a command that failed for good. Says what is wrong, and holds nothing of its content. */
export interface Refusal {
  readonly kind: 'signal' | 'update' | 'answer';
  /** Wire name of the message, or type of the command. */
  readonly name: string;
  readonly why: string;
  /** Unique in the life of the entity: the same refusal is one row. */
  readonly key: string;
}

export interface Delivered<Fact> {
  readonly fact: Fact;
  /** Null: at once. Else (simulated providers only) an instant of the workflow's clock. */
  readonly deliverAtMs: number | null;
}

export type Answered<Fact> =
  | { readonly ok: true; readonly deliveries: readonly Delivered<Fact>[] }
  /** `refusal` null: nothing is wrong with what came in, the worker died or the time was over. */
  | { readonly ok: false; readonly refusal: Omit<Refusal, 'key'> | null };

/** What an activity answered: nothing, or facts. A single one that cannot be read makes the whole answer unreadable. */
export function readAnswer<Fact>(raw: unknown, parseFact: (fact: unknown) => Fact): Answered<Fact> {
  if (raw === undefined || raw === null) return { ok: true, deliveries: [] };
  const deliveries = new Fields(raw, 'answer').list('deliveries', (delivery) => ({
    fact: parseFact(delivery.raw('fact')),
    deliverAtMs: delivery.has('deliverAtMs') ? delivery.number('deliverAtMs') : null,
  }));
  return { ok: true, deliveries };
}
