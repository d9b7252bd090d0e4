import type { Database } from '../../db/client.ts';
import { writeEvent } from '../shared/queries-events.ts';
import { countClick, type FollowedLink, withLink } from './queries-links.ts';

export type Followed =
  | { readonly kind: 'target'; readonly url: string }
  /** Its time is over, or what it was for is paid or was agreed anew. */
  | { readonly kind: 'over'; readonly why: 'expired' | 'paid' | 'replaced' }
  | { readonly kind: 'unknown' };

/** Where a short link leads. `counts` false: a look by a machine, which is led on and leaves no trace. */
export async function followLink(app: Database, code: string, counts: boolean): Promise<Followed> {
  const followed = await withLink(app, code, async (trx, link): Promise<Followed> => {
    const why = whyOver(link);
    if (why !== undefined) return { kind: 'over', why };
    if (counts && (await countClick(trx, link))) {
      await writeEvent(trx, {
        accountId: link.account_id,
        type: 'link.clicked',
        subject: link.id,
        occurredAt: new Date(),
        data: { link_id: link.id, agreement_id: link.agreement_id },
      });
    }
    return { kind: 'target', url: link.target_url };
  });
  return followed ?? { kind: 'unknown' };
}

/** A broken promise may still be paid; what was agreed anew or is paid must not be paid by the old link. */
function whyOver(link: FollowedLink): Extract<Followed, { kind: 'over' }>['why'] | undefined {
  if (link.agreement_state === 'kept') return 'paid';
  if (link.agreement_state === 'replaced' || link.agreement_state === 'withdrawn') return 'replaced';
  return link.is_expired ? 'expired' : undefined;
}
