import type { NoteFault } from '../shared/rules/channel-faults.ts';
import type { OpenMessageSender } from './message-port.ts';

/** The same channel; what it refuses or leaves unsaid is taken down, but for what it says about a person. */
export function notedSender(open: OpenMessageSender, note: NoteFault): OpenMessageSender {
  return (account) => {
    const sender = open(account);
    return {
      async sendTemplate(message, signal) {
        const answer = await sender.sendTemplate(message, signal);
        const fault =
          answer.kind === 'refused' ? answer.fault : answer.kind === 'unknown' ? 'no_answer' : null;
        if (fault !== null) note({ channel: 'message', provider: 'whatsapp', fault });
        return answer;
      },
    };
  };
}
