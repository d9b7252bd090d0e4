import { checkCall, type Checked } from '../../domain/calls/check-call.ts';
import type { ContactFact } from '../../domain/contacts/rules/facts.ts';
import type { ContactDeps } from './deps.ts';
import type { ContactActivities } from './types.ts';

export function createCheckActivity(deps: ContactDeps): Pick<ContactActivities, 'checkCall'> {
  return {
    async checkCall({ accountId, attemptId }) {
      const checked = await checkCall(deps, { accountId, attemptId });
      return { deliveries: [{ fact: factOf(checked, attemptId) }] };
    },
  };
}

function factOf(checked: Checked, attemptId: string): ContactFact {
  switch (checked.kind) {
    case 'found':
      return checked.ended === null
        ? { type: 'CallFound', attemptId }
        : { type: 'CallEnded', ...checked.ended };
    case 'not_yet':
      return { type: 'CallNotFoundYet', attemptId };
    case 'absent':
      return { type: 'CallAbsent', attemptId, dialled: checked.dialled };
    default: {
      const unreachable: never = checked;
      return unreachable;
    }
  }
}
