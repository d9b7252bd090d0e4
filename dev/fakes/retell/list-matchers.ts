/** One filter of a list request (`{type, op, value}`) as a test of a value; undefined when it is no valid filter. */
import type { Json } from './types.ts';

export function readMatcher(filter: Json | undefined): ((actual: unknown) => boolean) | undefined {
  const op = filter?.['op'];
  const value = filter?.['value'];
  switch (filter?.['type']) {
    case 'string':
      return typeof value === 'string' ? matchString(op, value) : undefined;
    case 'number':
      return typeof value === 'number' ? matchNumber(op, value) : undefined;
    case 'boolean':
      return typeof value === 'boolean' && op === 'eq' ? (actual) => actual === value : undefined;
    case 'range': {
      if (op !== 'bt' || !Array.isArray(value)) return undefined;
      const [low, high]: unknown[] = value;
      if (typeof low !== 'number' || typeof high !== 'number') return undefined;
      return (actual) => typeof actual === 'number' && actual >= low && actual <= high;
    }
    case 'enum':
      return op === 'in' && Array.isArray(value) ? (actual) => value.includes(actual) : undefined;
    case 'present':
      if (op !== 'pr' && op !== 'np') return undefined;
      return (actual) => (actual !== undefined && actual !== null && actual !== '') === (op === 'pr');
    default:
      return undefined;
  }
}

function matchString(op: unknown, value: string): ((actual: unknown) => boolean) | undefined {
  const when = (test: (text: string) => boolean) => (actual: unknown) =>
    typeof actual === 'string' && test(actual);
  switch (op) {
    case 'eq':
      return when((text) => text === value);
    case 'ne':
      return (actual) => actual !== value;
    case 'sw':
      return when((text) => text.startsWith(value));
    case 'ew':
      return when((text) => text.endsWith(value));
    case 'co':
      return when((text) => text.includes(value));
    default:
      return undefined;
  }
}

function matchNumber(op: unknown, value: number): ((actual: unknown) => boolean) | undefined {
  const when = (test: (n: number) => boolean) => (actual: unknown) =>
    typeof actual === 'number' && test(actual);
  switch (op) {
    case 'eq':
      return when((n) => n === value);
    case 'ne':
      return (actual) => actual !== value;
    case 'gt':
      return when((n) => n > value);
    case 'ge':
      return when((n) => n >= value);
    case 'lt':
      return when((n) => n < value);
    case 'le':
      return when((n) => n <= value);
    default:
      return undefined;
  }
}
