import { type Database, databaseNow, inAccount, type Trx } from '../../db/client.ts';
import { lockPerson } from '../people/queries.ts';
import { suppressNumber } from '../people/removals.ts';
import { asksToStop } from '../people/rules/asks-to-stop.ts';
import { stopPerson } from '../people/stops.ts';
import { storeRaw } from '../shared/queries-raw.ts';
import { comeBack, leaveChannel } from './leave-channel.ts';
import type { ChannelPreference, InboundMessage } from './message-port.ts';
import { noteAnswer } from '../policy/queries-limits.ts';
import { peopleOfNumber, personOfMessage } from './queries-channel.ts';

/** What a message changed: nobody contacts the person or the number, nobody writes, or nothing was asked. */
export type InboundResult = 'stopped' | 'left' | 'nothing';

/**
 * What somebody wrote. A request for no more contact is taken from it: it holds at once, for every batch, by the path that a
 * call's takes, and is kept as it came. Of everything else only the instant is kept, as the answer to what was written to
 * them: in some countries it leaves them one channel for the week.
 */
export async function receiveInbound(
  app: Database,
  accountId: string,
  message: InboundMessage,
): Promise<InboundResult> {
  const asked = asksToStop(message.text);
  return inAccount(app, accountId, async (trx) => {
    const { providerMessageId, from, repliesTo } = message;
    const { personId, isOneOfMany } = await whoWrote(trx, from, repliesTo);
    if (personId !== undefined) {
      await lockPerson(trx, personId);
      await noteAnswer(trx, { personId, channel: 'whatsapp', at: await databaseNow(trx) });
    }
    if (asked === undefined) return 'nothing';
    await storeRaw(trx, {
      accountId,
      provider: 'whatsapp',
      dedupeKey: `in:${providerMessageId}`,
      event: asked === 'person' ? 'opt_out' : 'opt_out_channel',
      subject: providerMessageId,
      body: message,
    });
    const at = await databaseNow(trx);
    if (asked === 'channel') {
      if (from === undefined) return 'nothing';
      await leaveChannel(trx, { accountId, e164: from, at });
      return 'left';
    }
    if (personId !== undefined) {
      await stopPerson(trx, {
        accountId,
        personId,
        reason: 'do_not_call',
        source: 'message',
        exceptContactId: null,
        at,
      });
    }
    // Whoever wrote has this number: a number of several people, or of nobody yet, is called and written to no more.
    if (from !== undefined && (personId === undefined || isOneOfMany)) {
      await suppressNumber(trx, { accountId, e164: from, source: 'message', at });
    }
    return personId === undefined && from === undefined ? 'nothing' : 'stopped';
  });
}

/** Who answers a message of ours is whom it was for; else the one who has the number, or who was written to there last. */
async function whoWrote(
  trx: Trx,
  from: string | undefined,
  repliesTo: string | undefined,
): Promise<{ readonly personId: string | undefined; readonly isOneOfMany: boolean }> {
  const answered = repliesTo === undefined ? undefined : await personOfMessage(trx, repliesTo);
  const people = from === undefined ? [] : await peopleOfNumber(trx, from);
  const [first] = people;
  const isOneOfMany = people.length > 1;
  if (answered !== undefined) return { personId: answered, isOneOfMany };
  if (first === undefined || (isOneOfMany && first.writtenAt === null))
    return { personId: undefined, isOneOfMany };
  return { personId: first.personId, isOneOfMany };
}

/** What somebody has set in the app: no messages of this kind, or again. Stored as it came, and once. */
export async function receivePreference(
  app: Database,
  accountId: string,
  { from, wants, key }: ChannelPreference,
): Promise<void> {
  await inAccount(app, accountId, async (trx) => {
    const isNew = await storeRaw(trx, {
      accountId,
      provider: 'whatsapp',
      dedupeKey: `preference:${from}:${wants}:${key}`,
      event: `preference_${wants}`,
      subject: from,
      body: { from, wants, key },
    });
    // Sent again, an old one must not undo what came after it.
    if (!isNew) return;
    const left = { accountId, e164: from, at: await databaseNow(trx) };
    await (wants === 'stop' ? leaveChannel(trx, left) : comeBack(trx, left));
  });
}
