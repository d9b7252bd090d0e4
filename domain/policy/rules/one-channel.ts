import { startOfNextWeek, startOfWeek } from './calendar.ts';
import type { MessageChannel } from './history.ts';
import { type Breach, isHumanCall, type LimitFacts } from './limits.ts';

/**
 * Colombia, Ley 2300 art. 3: who was reached directly is reached by no other channel in the same week. Directly is both
 * ways: a human answered the call, or the person answered the message. Gate and message gate ask the same question, each
 * for its own channel.
 */
export function otherChannelBreaches(
  channel: 'phone' | MessageChannel,
  { atMs, zone, pack, history }: LimitFacts,
): readonly Breach[] {
  const isBothWays = pack.oneChannelAWeek === true;
  const isThisWeek = (contactMs: number): boolean => startOfWeek(zone, contactMs) === startOfWeek(zone, atMs);
  const byPhone =
    channel !== 'phone' &&
    (isBothWays || pack.coolDown.otherChannelsInWeek) &&
    history.calls.some((call) => call.samePerson && isHumanCall(call, pack) && isThisWeek(call.atMs));
  const byMessage =
    isBothWays &&
    history.messages.some(
      ({ answeredAtMs, ...message }) =>
        message.channel !== channel && answeredAtMs !== null && isThisWeek(answeredAtMs),
    );
  if (!byPhone && !byMessage) return [];
  const [rule, es] = isBothWays ? bothWays : afterCalls;
  const notBeforeMs = startOfNextWeek(zone, atMs);
  return [{ reason: 'other_channel', rule, es, notBeforeMs, waivable: true }];
}

export const afterCalls = [
  'no other channel in the week in which a human answered',
  'ningún otro canal en la semana en que alguien contestó',
] as const;
export const bothWays = [
  'no other channel in the week in which the person was reached directly',
  'ningún otro canal en la semana en que hubo contacto directo con la persona',
] as const;
