import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { projectScripts } from '../../../dev/stack/app-services.ts';

it('every part that the local stack starts is a file: a move that forgets one is seen here, not at the first start', () => {
  for (const [part, script] of Object.entries(projectScripts)) expect(existsSync(script), part).toBe(true);
});
