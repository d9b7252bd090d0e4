import { faultOfStatus, type NoteFault } from '../shared/rules/channel-faults.ts';
import type { OpenPaymentProvider } from './payment-port.ts';

/** The same provider; what it refuses or leaves unsaid is taken down. */
export function notedProvider(open: OpenPaymentProvider, note: NoteFault): OpenPaymentProvider {
  const failed = (fault: Parameters<NoteFault>[0]['fault']): void =>
    note({ channel: 'payment_link', provider: 'mercadopago', fault });
  return (accessToken) => {
    const provider = open(accessToken);
    return {
      async createLink(request, signal) {
        const answer = await provider.createLink(request, signal);
        const fault =
          answer.kind === 'refused' ? answer.fault : answer.kind === 'unknown' ? answer.fault : null;
        if (fault !== null) failed(fault);
        return answer;
      },
      async findPayment(id, signal) {
        try {
          return await provider.findPayment(id, signal);
        } catch (error) {
          const status: unknown = error instanceof Error ? Reflect.get(error, 'httpStatus') : undefined;
          failed(typeof status === 'number' ? faultOfStatus(status) : 'no_answer');
          throw error;
        }
      },
    };
  };
}
