import { readCalledPerson } from './queries.ts';
import { type Database, inAccount } from '../../db/client.ts';
import { currentDebts } from '../payments/queries-debts.ts';
import { totalsOf } from '../negotiation/rules/stage.ts';
import { zonesOf } from '../policy/rules/zones.ts';
import { population } from './rules/person.ts';
import { type Called, simulatedCall } from './simulated-voice.ts';
import type { SimulatedVoice } from '../calls/simulated-port.ts';

const microsPerUnit = 1_000_000n;

/** Realm of a rehearsal: its seed is all that chance in it comes from. */
export function rehearsalRealm(seed: string, id: string): string {
  return `sim:${encodeURIComponent(seed)}:${id}`;
}

function seedOf(realm: string): string {
  return decodeURIComponent(realm.split(':')[1] ?? '');
}

/** The provider of every rehearsal: rings nobody, and answers from the seed in the realm. */
export function rehearsalVoice(app: Database): SimulatedVoice {
  return {
    async call(request, number, startsAtMs, realm) {
      const called = await readCalled(app, request.accountId, request.contactId, realm);
      return simulatedCall(population(seedOf(realm)), called, request, { number, startsAtMs });
    },
  };
}

function readCalled(app: Database, accountId: string, contactId: string, realm: string): Promise<Called> {
  return inAccount(app, accountId, async (trx) => {
    const person = await readCalledPerson(trx, contactId);
    const [owed, other] = [...totalsOf(await currentDebts(trx, person.id, realm)).values()];
    return {
      zone: zonesOf(person.country, person.zone, person.region)[0],
      owedUnits: owed === undefined || other !== undefined ? 0 : Number(owed / microsPerUnit),
    };
  });
}
