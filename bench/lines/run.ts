import type { Benchmark } from '../lib/types.ts';
import { ideal } from './ideal.ts';
import { contactsOf, sizes } from './load.ts';
import { runTandas } from './tandas.ts';

export const benchmark: Benchmark = {
  name: 'lines',
  about:
    'use of lines by dispatcher and PostgreSQL with simulated callers, against an ideal scheduler and rivals',
  needs: ['postgres'],
  async run({ seed, log }) {
    for (const size of sizes) {
      const contacts = contactsOf(size, seed);
      log(`${size.lines} ${contacts.length} ideal ${JSON.stringify(ideal(size, contacts))}`);
      log(`tandas ${JSON.stringify(await runTandas(size, contacts))}`);
    }
    return [];
  },
};
