type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

/** Records in a schema of the library, each by its place; what it stands on is looked through whatever it is. */
export function recordsIn(
  schema: unknown,
  place: string,
  seen = new Set<unknown>(),
): readonly [string, Json][] {
  if (typeof schema !== 'object' || schema === null || seen.has(schema)) return [];
  seen.add(schema);
  const def: unknown = Reflect.get(schema, 'def');
  if (typeof def !== 'object' || def === null) {
    return Object.entries(schema).flatMap(([key, part]) => recordsIn(part, `${place}.${key}`, seen));
  }
  const own: [string, Json][] = Reflect.get(def, 'type') === 'record' ? [[place, object(def)]] : [];
  // The fields of an object are told when they are asked for.
  const parts = [...Object.entries(def), ['shape', Reflect.get(def, 'shape')] as const];
  return [...own, ...parts.flatMap(([key, part]) => recordsIn(part, `${place}.${key}`, seen))];
}
