import { createDialActivity } from './dial.ts';
import { createFollowActivities } from './follow.ts';
import type { ContactDeps } from './deps.ts';
import { createOpenActivities } from './open.ts';
import { createRecoverActivity } from './recover.ts';
import { createTurnActivities } from './turn.ts';
import type { ContactActivities } from './types.ts';

export function createContactActivities(deps: ContactDeps): ContactActivities {
  return {
    ...createOpenActivities(deps),
    ...createTurnActivities(deps),
    ...createDialActivity(deps),
    ...createRecoverActivity(deps),
    ...createFollowActivities(deps),
  };
}
