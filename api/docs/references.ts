type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A document whose references mean what their schemas do. The library writes a named schema that may be null as `allOf` of the
 * name and `null`, which no value is; validators refuse what we answer, and generators make a type that nothing has.
 */
export function withReferences<T>(document: T): T;
export function withReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => withReferences(one));
  if (!isObject(value)) return value;
  const { allOf, ...rest } = Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, withReferences(part)]),
  );
  if (allOf === undefined) return rest;
  const [named, more, ...others]: readonly unknown[] = Array.isArray(allOf) ? allOf : [];
  if (!isObject(named) || !('$ref' in named) || !isObject(more) || others.length > 0)
    return { ...rest, allOf };
  const { type, description, ...own } = more;
  if (Object.keys(own).length > 0) return { ...rest, allOf };
  const said = description === undefined ? {} : { description };
  if (type === undefined) return { ...rest, ...named, ...said };
  if (!Array.isArray(type) || !type.includes('null')) return { ...rest, allOf };
  return { ...rest, anyOf: [named, { type: 'null' }], ...said };
}
