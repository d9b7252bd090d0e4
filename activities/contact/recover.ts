import { inAccount } from '../../db/client.ts';
import { recoverDial } from '../../domain/calls/recover-dial.ts';
import type { ContactDeps } from './deps.ts';
import type { ContactActivities } from './types.ts';

export function createRecoverActivity(deps: ContactDeps): Pick<ContactActivities, 'recoverDial'> {
  return {
    async recoverDial(input) {
      const fact = await inAccount(deps.app, input.accountId, (trx) => recoverDial(trx, input, deps.timing));
      return { deliveries: fact === undefined ? [] : [{ fact }] };
    },
  };
}
