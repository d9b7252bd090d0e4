import { z } from '@hono/zod-openapi';

/** Longest time that a request stays for its import. */
const longestWaitSeconds = 60;
const defaultWaitSeconds = 10;

/** Any text: a preference that a server does not know, or cannot read, is ignored and never refused (RFC 7240, 2). */
export const preferHeader = z.object({
  prefer: z
    .string()
    .optional()
    .openapi({
      description:
        `RFC 7240. \`wait=N\`: answers 202 when the import is not over after N seconds (default ${defaultWaitSeconds}, at most ${longestWaitSeconds}). ` +
        '`respond-async`: at once, unless `wait` is there too. What else is preferred is ignored.',
      example: 'wait=10',
    }),
});

/** Preferences between commas; in quotes a comma is none, and quotes that are not closed go to the end. */
const preferences = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;

/** How long the caller wants to wait, in milliseconds. Of a preference that is there twice the first counts. */
export function waitMsOf(prefer: string | undefined): number {
  const stated = new Map<string, string>();
  for (const [preference] of (prefer ?? '').matchAll(preferences)) {
    // Behind a semicolon are parameters: none of ours has any.
    const [name = '', value = ''] = (preference.split(';')[0] ?? '').split('=', 2).map((part) => part.trim());
    const known = name.toLowerCase();
    if (!stated.has(known)) stated.set(known, value);
  }
  const wait = /^(?:[0-9]+|"[0-9]+")$/.exec(stated.get('wait') ?? '')?.[0].replaceAll('"', '');
  const otherwise = stated.has('respond-async') ? 0 : defaultWaitSeconds;
  return Math.min(wait === undefined ? otherwise : Number(wait), longestWaitSeconds) * 1_000;
}
