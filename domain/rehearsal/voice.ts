import { readCalledPerson, seedOfAccount } from './queries.ts';
import { type Database, inAccount } from '../../db/client.ts';
import { debtsOfContact } from '../payments/queries-debts.ts';
import { totalsOf } from '../negotiation/rules/stage.ts';
import { zonesOf } from '../policy/rules/zones.ts';
import { population } from './rules/person.ts';
import { type Called, simulatedCall } from './simulated-voice.ts';
import type { SimulatedVoice } from '../calls/simulated-port.ts';

const microsPerUnit = 1_000_000n;

/** The provider of every rehearsal: rings nobody, and answers from the rehearsal's seed. */
export function rehearsalVoice(app: Database): SimulatedVoice {
  return {
    async call(request, number, startsAtMs) {
      const { seed, called } = await readCalled(app, request.accountId, request.contactId);
      return simulatedCall(population(seed), called, request, { number, startsAtMs });
    },
  };
}

function readCalled(
  app: Database,
  accountId: string,
  contactId: string,
): Promise<{ readonly seed: string; readonly called: Called }> {
  return inAccount(app, accountId, async (trx) => {
    const person = await readCalledPerson(trx, contactId);
    const [owed, other] = [...totalsOf(await debtsOfContact(trx, contactId)).values()];
    const called = {
      zone: zonesOf(person.country, person.zone, person.region)[0],
      owedUnits: owed === undefined || other !== undefined ? 0 : Number(owed / microsPerUnit),
    };
    return { seed: await seedOfAccount(trx, accountId), called };
  });
}
