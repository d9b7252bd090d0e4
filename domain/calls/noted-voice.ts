import { faultOfRejection, faultOfStatus, type NoteFault } from '../shared/rules/channel-faults.ts';
import type { VoiceProvider } from './voice-port.ts';

/** The same provider; what it refuses or leaves unsaid is taken down. A number that it does not take is no failure of it. */
export function notedVoice(voice: VoiceProvider, note: NoteFault): VoiceProvider {
  const failed = (fault: Parameters<NoteFault>[0]['fault']): void =>
    note({ channel: 'voice', provider: 'retell', fault });
  const asked = async <T>(question: Promise<T>): Promise<T> => {
    try {
      return await question;
    } catch (error) {
      const status: unknown = error instanceof Error ? Reflect.get(error, 'httpStatus') : undefined;
      failed(typeof status === 'number' ? faultOfStatus(status) : 'no_answer');
      throw error;
    }
  };
  return {
    async placeCall(request, signal) {
      const answer = await voice.placeCall(request, signal);
      if (answer.kind === 'unknown') failed('no_answer');
      const fault = answer.kind === 'rejected' ? faultOfRejection(answer.reason) : null;
      if (fault !== null && fault !== 'refused') failed(fault);
      return answer;
    },
    findCallByAttempt: (attemptId) => asked(voice.findCallByAttempt(attemptId)),
    getCall: (id) => asked(voice.getCall(id)),
    stopCall: (id) => asked(voice.stopCall(id)),
    concurrency: () => asked(voice.concurrency()),
  };
}
